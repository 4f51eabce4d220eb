package pos

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
)

// Draft is a message as a person writes it. What a terminal fills in by itself may be left out: the times, the trace
// number, the currency, the processing code of the message type, the entry mode and the terminal type.
type Draft struct {
	// MTI is the message type, four digits.
	MTI string `yaml:"mti"`
	// Fields are values by field number, as text without length and padding.
	Fields map[int]string `yaml:"fields"`
	// Private are the tags of field 48, in the order of their names.
	Private map[string]string `yaml:"private"`
	// Original names the request that a reversal or a question is about.
	Original *Original `yaml:"original"`
}

// Original identifies an earlier request of the same terminal.
type Original struct {
	// MTI is its message type; 0200 if empty.
	MTI string `yaml:"mti"`
	// STAN is its F11.
	STAN string `yaml:"stan"`
	// Local is its F13 and F12 together, MMDDhhmmss.
	Local string `yaml:"local"`
}

// ParseOriginal reads STAN:MMDDhhmmss.
func ParseOriginal(s string) (*Original, error) {
	stan, local, found := strings.Cut(s, ":")
	o := &Original{STAN: stan, Local: local}
	if !found {
		return nil, fault.New(fault.Invalid, "--original is STAN:MMDDhhmmss of the request, such as 000123:1121103000, not %q", s)
	}
	return o, o.check()
}

func (o *Original) check() error {
	if !number(o.STAN, 6) || !number(o.Local, 10) {
		return fault.New(fault.Invalid, "the original is a STAN of 6 digits and its local date and time MMDDhhmmss, such as 000123:1121103000")
	}
	if o.MTI != "" && !number(o.MTI, 4) {
		return fault.New(fault.Invalid, "the original's message type has four digits")
	}
	return nil
}

// number reports whether s is so many digits.
func number(s string, digits int) bool {
	return len(s) == digits && strings.Trim(s, "0123456789") == ""
}

// ParseDraft reads a draft from YAML or JSON; name is what errors call the file (fault.Invalid).
func ParseDraft(name string, text []byte) (Draft, error) {
	var d Draft
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil && !errors.Is(err, io.EOF) {
		return Draft{}, fault.New(fault.Invalid, "%s is no message: %w", name, err)
	}
	return d, nil
}

// Message completes the draft and makes the message, at an instant and with a trace number. It gives what was drafted
// precedence over everything, so that also a wrong message can be sent; fault.Invalid only where no message can be made.
func (d Draft) Message(now time.Time, stan string) (*iso.Message, error) {
	mti, err := iso.ParseMTI(d.MTI)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the message type %q is not four digits, such as 0200", d.MTI)
	}
	m := &iso.Message{MTI: mti}
	if err := d.complete(m, now, stan); err != nil {
		return nil, err
	}
	for f, value := range d.Fields {
		if f < 2 || f > iso.MaxField {
			return nil, fault.New(fault.Invalid, "there is no field %d: fields are 2 to %d", f, iso.MaxField)
		}
		m.Set(f, value)
	}
	return m, d.setPrivate(m)
}

// complete sets what a terminal would.
func (d Draft) complete(m *iso.Message, now time.Time, stan string) error {
	trace := iso.NewTrace(now, stan)
	m.Set(iso.FieldTransmission, trace.Transmission)
	m.Set(iso.FieldSTAN, trace.STAN)
	m.Set(iso.FieldLocalTime, trace.LocalTime)
	m.Set(iso.FieldLocalDate, trace.LocalDate)
	if m.MTI.Class() == 8 {
		m.Set(iso.FieldManagement, iso.FunctionEcho)
		return nil
	}
	m.Set(iso.FieldProcessing, iso.ProcessingPurchase)
	m.Set(iso.FieldCurrency, iso.CurrencyRial)
	switch m.MTI.Class() {
	case 1:
		m.Set(iso.FieldProcessing, iso.ProcessingTariff)
		m.Set(iso.FieldTerminalType, iso.TerminalPOS)
	case 2:
		m.Set(iso.FieldEntryMode, entryMode)
		m.Set(iso.FieldTerminalType, iso.TerminalPOS)
	}
	return d.setOriginal(m)
}

// setOriginal makes field 90, and the local time that a reversal shares with its original.
func (d Draft) setOriginal(m *iso.Message) error {
	if d.Original == nil {
		return nil
	}
	if err := d.Original.check(); err != nil {
		return err
	}
	mti := iso.MTIPurchase
	if d.Original.MTI != "" {
		mti, _ = iso.ParseMTI(d.Original.MTI) // Its four digits were checked.
	}
	m.Set(iso.FieldLocalDate, d.Original.Local[:4])
	m.Set(iso.FieldLocalTime, d.Original.Local[4:])
	m.Set(iso.FieldOriginal, iso.OriginalData{MTI: mti, STAN: d.Original.STAN, Stamp: "0000000000"}.Format())
	return nil
}

// setPrivate makes field 48 of the tags: three letters, three digits of length, value.
func (d Draft) setPrivate(m *iso.Message) error {
	if len(d.Private) == 0 {
		return nil
	}
	tags := make([]string, 0, len(d.Private))
	for tag, value := range d.Private {
		if len(tag) != 3 || len(value) > 999 {
			return fault.New(fault.Invalid, "field 48: tag %q: a tag has three letters and at most 999 bytes", tag)
		}
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	var text strings.Builder
	for _, tag := range tags {
		fmt.Fprintf(&text, "%s%03d%s", tag, len(d.Private[tag]), d.Private[tag])
	}
	m.Set(iso.FieldPrivate, text.String())
	return nil
}

// PriceInquiry is the question what the drafted purchase costs: a tariff inquiry with the same service, from the same
// terminal.
func (d Draft) PriceInquiry() Draft {
	q := Draft{MTI: iso.MTIInquiry.String(), Fields: map[int]string{}, Private: d.Private}
	for _, f := range []int{25, 32, 41, 42, 49} {
		if value, there := d.Fields[f]; there {
			q.Fields[f] = value
		}
	}
	return q
}
