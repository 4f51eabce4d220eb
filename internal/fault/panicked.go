package fault

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

// mostCallers bounds the places that a [Panic] names.
const mostCallers = 24

// Panic is a panic that was recovered from, an error of kind [Bug]. It tells neither the text of the panic, which may hold what a card
// must not show, nor arguments: the runtime's own errors alone, which speak of indexes and types, have their text.
type Panic struct {
	what   string
	Places []string // functions and lines, the innermost first
}

// Panicked describes a panic that the deferred function which calls it, or calls its caller, has recovered from.
func Panicked(cause any) *Panic {
	p := &Panic{what: fmt.Sprintf("a value of type %T", cause)}
	var known runtime.Error
	if err, ok := cause.(error); ok && errors.As(err, &known) {
		p.what = known.Error()
	}
	var pcs [mostCallers]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for more, past := true, false; more; { // The frames of the panic follow those of the runtime.
		var frame runtime.Frame
		frame, more = frames.Next()
		switch own := strings.HasPrefix(frame.Function, "runtime."); {
		case own:
			past = true
		case past:
			p.Places = append(p.Places, fmt.Sprintf("%s:%d", frame.Function, frame.Line))
		}
	}
	return p
}

// Error names the panic and its place.
func (p *Panic) Error() string {
	if len(p.Places) == 0 {
		return "panic: " + p.what
	}
	return "panic: " + p.what + " in " + p.Places[0]
}
