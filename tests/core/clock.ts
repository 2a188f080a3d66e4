import { expect, test } from "vitest";
import { pause, settlesWithin, systemClock } from "../../shared/clock.ts";
import { TestClock } from "../../shared/test-clock.ts";

export function clockPromises(): void {
  test("a timer that was cancelled does not fire", async () => {
    let fired = false;
    const cancel = systemClock.after(0, () => {
      fired = true;
    });
    cancel();
    await pause(systemClock, 5);
    expect(fired).toBe(false);
  });

  test("the time is that of this computer, and time goes on", async () => {
    const { uptime } = systemClock;
    const [wall, up] = [systemClock.wallTime(), uptime()];
    expect(Math.abs(wall - Date.now())).toBeLessThan(1000);
    await expect.poll(uptime).toBeGreaterThan(up);
  });

  test("waiting for what has settled leaves no timer", async () => {
    const clock = new TestClock();
    expect(await settlesWithin(clock, Promise.resolve(), 1000)).toBe(true);
    await expect(settlesWithin(clock, Promise.reject(new Error("no")), 1000)).rejects.toThrow("no");
    expect(clock.pending).toBe(0);
  });
}
