package fault

import (
	"fmt"
	"strings"
	"testing"
)

// caught is what a function panics with.
func caught(do func()) (p *Panic) {
	defer func() { p = Panicked(recover()) }()
	do()
	return nil
}

// A panic is a bug of a place, and its text is nobody's business: it may hold a card number.
func TestPanicked(t *testing.T) {
	const card = "6037990000000014"
	var none *Panic
	for what, do := range map[string]func(){
		"a value of type string":              func() { panic("card " + card) },
		"a value of type *errors.errorString": func() { panic(fmt.Errorf("card %s", card)) },
		"nil pointer dereference":             func() { _ = none.what },
		"index out of range":                  func() { _ = []int{}[len(card)] },
		"integer divide by zero":              func() { _ = 1 / len(card[:0]) },
	} {
		p := caught(do)
		if !Is(p, Bug) || !strings.Contains(p.Error(), what) || strings.Contains(fmt.Sprintf("%+v", *p), card) {
			t.Errorf("%s: %v", what, p)
		}
		if len(p.Places) == 0 || !strings.Contains(p.Places[0], "TestPanicked") {
			t.Errorf("%s: it happened in %v", what, p.Places)
		}
	}
	if p := caught(func() { panic(fmt.Errorf("card %s: %w", card, caught(func() { panic(card) }))) }); strings.Contains(p.Error(), card) {
		t.Errorf("%v", p)
	}
}
