<?php
// A webhook for PHP's built-in server: `php -S 127.0.0.1:8080 webhook.php`

declare(strict_types=1);

const LIMIT = 1048576;

function refuse(int $status, string $why): never
{
    http_response_code($status);
    header('Content-Type: application/json');
    exit(json_encode(['error' => $why]));
}

/** Every UTF-16 unit outside 0x20..0x7e as \uXXXX. */
function escaped(string $text): string
{
    return preg_replace_callback('/[^ -~]/u', function (array $found): string {
        $units = unpack('n*', iconv('UTF-8', 'UTF-16BE', $found[0]));
        return implode('', array_map(fn (int $unit): string => sprintf('\u%04x', $unit), $units));
    }, $text) ?? $text;
}

function compact_json(string $text): string
{
    return preg_replace_callback('/"(?:\\\\.|[^"\\\\])*+"|[ \t\r\n]+/s', fn (array $found): string => $found[0][0] === '"' ? $found[0] : '', $text) ?? $text;
}

function verify(string $body): void
{
    $signature = $_SERVER['HTTP_X_SIGNATURE'] ?? '';
    $timestamp = $_SERVER['HTTP_X_TIMESTAMP'] ?? '';
    // Of a header that was sent twice, PHP joins the values: then neither matches.
    if (!preg_match('/^sha256=[0-9a-f]{64}$/iD', $signature)) {
        refuse(401, 'signature missing or malformed');
    }
    if (!preg_match('/^[0-9]{1,12}$/D', $timestamp)) {
        refuse(401, 'timestamp missing or malformed');
    }
    if (abs(time() - (int) $timestamp) > 300) {
        refuse(401, 'timestamp outside tolerance');
    }
    $sent = strtolower(substr($signature, 7));
    foreach ([$body, escaped($body), escaped(compact_json($body))] as $form) {
        if (hash_equals(hash_hmac('sha256', "$timestamp.$form", getenv('WEBHOOK_SECRET')), $sent)) {
            return;
        }
    }
    refuse(401, 'signature mismatch');
}

ini_set('display_errors', '0');
ini_set('pcre.jit', '1');
ini_set('pcre.backtrack_limit', '10000000');
header_remove('X-Powered-By');

if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    header('Content-Type: text/plain');
    exit("The webhook is up.\n");
}
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    header('Allow: GET, POST');
    refuse(405, 'POST only');
}
if (!preg_match('#^application/json\s*(;|$)#i', $_SERVER['CONTENT_TYPE'] ?? '')) {
    refuse(415, 'JSON only');
}
$body = file_get_contents('php://input', false, null, 0, LIMIT + 1);
if (strlen($body) > LIMIT || (int) ($_SERVER['CONTENT_LENGTH'] ?? 0) > LIMIT) {
    refuse(413, 'too large');
}
verify($body);
$payload = json_decode($body, true);
if (!is_array($payload)) {
    refuse(400, 'not a JSON object');
}
if (($payload['event'] ?? null) !== 'message_received' || !is_array($payload['message'] ?? null) || !is_string($payload['message']['content'] ?? null)) {
    refuse(422, 'no message');
}
header('Content-Type: application/json');
echo json_encode(['reply' => 'You said: ' . str_replace("\0", '', $payload['message']['content'])], JSON_UNESCAPED_UNICODE);
