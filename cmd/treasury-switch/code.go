package main

import (
	"strings"

	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
)

// code is the code of a service, an account, a category or an option, in whatever digits a person typed it.
type code string

func (c *code) UnmarshalText(text []byte) error {
	*c = code(digits.Latin(strings.TrimSpace(string(text))))
	return notEmpty(string(*c))
}

// service is the code as that of a service, which is in capitals.
func (c code) service() string { return strings.ToUpper(string(c)) }

// given is the text of a flag that prices depend on. An empty one is not taken for one that was left out.
type given string

func (g *given) UnmarshalText(text []byte) error {
	*g = given(text)
	return notEmpty(strings.TrimSpace(string(text)))
}

func notEmpty(text string) error {
	if text == "" {
		return fault.New(fault.Invalid, "is empty: write a value, or leave the flag out")
	}
	return nil
}
