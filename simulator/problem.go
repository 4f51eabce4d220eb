package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"treasury-switch/internal/fault"
)

// problem is an error document, RFC 9457.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// writeProblem answers with an error document.
func writeProblem(w http.ResponseWriter, status int, detail string) {
	writeJSON(w, status, "application/problem+json",
		problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail})
}

// statusOf is the HTTP status of an error.
func statusOf(err error) int {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	switch fault.KindOf(err) {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Conflict:
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}

// strictObject reads one JSON object of flat fields into a struct: unknown keys,
// keys in another case, repeated keys and anything behind the object are refused
// (fault.Invalid). encoding/json alone accepts the middle two, so that a typing
// error would pass for a setting.
func strictObject(text []byte, into any) error {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	known := keysOf(into)
	decoder := json.NewDecoder(bytes.NewReader(text))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return fault.New(fault.Invalid, "the body is not a JSON object")
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return fault.New(fault.Invalid, "the body is not JSON: %w", err)
		}
		key, _ := token.(string)
		if !slices.Contains(known, key) {
			return fault.New(fault.Invalid, "unknown key %q: want %s", key, strings.Join(known, ", "))
		}
		if seen[key] {
			return fault.New(fault.Invalid, "key %q is there twice", key)
		}
		seen[key] = true
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return fault.New(fault.Invalid, "the value of %q is not JSON: %w", key, err)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return fault.New(fault.Invalid, "the body is not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "there is something behind the JSON object")
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fault.New(fault.Invalid, "the body does not fit: %w", err)
	}
	return nil
}

// keysOf lists the JSON keys of a pointer to a struct.
func keysOf(into any) []string {
	var keys []string
	for field := range reflect.TypeOf(into).Elem().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		keys = append(keys, name)
	}
	return keys
}

// listed names the keys of a map in order.
func listed[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}
