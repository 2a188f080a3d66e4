// A webhook with Go's net/http: `go run .`
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	limit  = 1 << 20
	nilID  = "00000000-0000-0000-0000-000000000000"
	prefix = "sha256="
)

var (
	secret        = []byte(os.Getenv("WEBHOOK_SECRET"))
	digits        = regexp.MustCompile(`^sha256=[0-9a-fA-F]{64}$`)
	seconds       = regexp.MustCompile(`^[0-9]{1,12}$`)
	outsideString = regexp.MustCompile(`(?s)"(?:\\.|[^"\\])*"|[ \t\r\n]+`)
)

type payload struct {
	Event   string `json:"event"`
	Thread  struct{ ID string } `json:"thread"`
	Message struct {
		Content *string `json:"content"`
	} `json:"message"`
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "The webhook is up.") })
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) { answer(w, r, false) })
	mux.HandleFunc("POST /stream", func(w http.ResponseWriter, r *http.Request) { answer(w, r, true) })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}

func answer(w http.ResponseWriter, r *http.Request, stream bool) {
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
		http.Error(w, "JSON only", http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	} else if err != nil {
		return
	}
	if problem := signatureProblem(r.Header, body); problem != "" {
		http.Error(w, problem, http.StatusUnauthorized)
		return
	}
	var p payload
	if !utf8.Valid(body) || json.Unmarshal(body, &p) != nil {
		http.Error(w, "not JSON, or of another shape", http.StatusBadRequest)
		return
	}
	if p.Event != "message_received" || p.Message.Content == nil {
		http.Error(w, "no message", http.StatusUnprocessableEntity)
		return
	}
	// Go has read lone surrogates as U+FFFD.
	reply := "You said: " + strings.ReplaceAll(*p.Message.Content, "\x00", "")
	if stream && p.Thread.ID != nilID {
		writeStream(w, []rune(reply))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]string{"reply": reply})
}

func signatureProblem(header http.Header, body []byte) string {
	signatures, timestamps := header["X-Signature"], header["X-Timestamp"]
	if len(signatures) != 1 || !digits.MatchString(signatures[0]) {
		return "signature missing or malformed"
	}
	if len(timestamps) != 1 || !seconds.MatchString(timestamps[0]) {
		return "timestamp missing or malformed"
	}
	at, _ := strconv.ParseInt(timestamps[0], 10, 64)
	if age := time.Now().Unix() - at; age > 300 || age < -300 {
		return "timestamp outside tolerance"
	}
	want, _ := hex.DecodeString(strings.TrimPrefix(signatures[0], prefix))
	compact := outsideString.ReplaceAllFunc(body, func(found []byte) []byte {
		if found[0] == '"' {
			return found
		}
		return nil
	})
	for _, form := range [][]byte{body, escaped(body), escaped(compact)} {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(timestamps[0] + "."))
		mac.Write(form)
		if hmac.Equal(mac.Sum(nil), want) {
			return ""
		}
	}
	return "signature mismatch"
}

// escaped writes every UTF-16 unit outside 0x20..0x7e as \uXXXX.
func escaped(text []byte) []byte {
	if !utf8.Valid(text) {
		return text
	}
	var out strings.Builder
	for _, char := range string(text) {
		if char >= 0x20 && char <= 0x7e {
			out.WriteRune(char)
			continue
		}
		for _, unit := range utf16.Encode([]rune{char}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return []byte(out.String())
}

func writeStream(w http.ResponseWriter, reply []rune) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache, no-transform")
	flush := w.(http.Flusher).Flush
	for len(reply) > 0 {
		size := min(50, len(reply))
		data, _ := json.Marshal(map[string]string{"text": string(reply[:size])})
		if _, err := fmt.Fprintf(w, "event: delta\ndata: %s\n\n", escaped(data)); err != nil {
			return
		}
		flush()
		reply = reply[size:]
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	fmt.Fprint(w, "event: done\ndata: {\"status\":\"completed\"}\n\n")
}
