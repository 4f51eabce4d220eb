package iso

import (
	"fmt"
	"iter"
)

// MaxField is the highest field number of a message with two bitmaps.
const MaxField = 128

// Message is a message type and its fields 2 to 128. A field's value is the
// text that its dialect carries on the wire, without length prefix and with
// its padding: F4 is "000001476112". Fields of bytes (F43, F44, F48, F52, F55,
// F64, F96, F128) hold the raw bytes.
//
// The zero value is an empty message, ready for use. A Message is not safe for
// concurrent use, and a copy of the struct shares the fields: use Clone.
// Everything that prints a Message masks it, see Message.Format.
type Message struct {
	MTI MTI
	// fields is behind two pointers: fmt calls no methods on unexported parts of
	// other structs and follows one pointer for some verbs, but never two.
	fields **fieldSet
}

// fieldSet holds the values by field number, and which of them are present.
type fieldSet struct {
	present fieldMask
	values  [MaxField + 1]string
}

// set gives the fields, or nil where there never were any.
func (m *Message) set() *fieldSet {
	if m.fields == nil {
		return nil
	}
	return *m.fields
}

// box makes the two pointers of a Message in one piece of memory.
func box(fields fieldSet) **fieldSet {
	boxed := &struct {
		fields fieldSet
		at     *fieldSet
	}{fields: fields}
	boxed.at = &boxed.fields
	return &boxed.at
}

// Get gives the value of field f, or "" where it is absent.
func (m *Message) Get(f int) string {
	if m.fields == nil || f < 2 || f > MaxField {
		return ""
	}
	return m.set().values[f]
}

// Has says whether field f is present, even if empty.
func (m *Message) Has(f int) bool {
	if m.fields == nil || f < 2 || f > MaxField {
		return false
	}
	return m.set().present.has(f)
}

// Set makes field f present with value v. Field numbers are constants of the
// program: one outside 2 to 128 is a bug and panics.
func (m *Message) Set(f int, v string) {
	if f < 2 || f > MaxField {
		panic(fmt.Sprintf("iso: no field %d", f))
	}
	if m.fields == nil {
		m.fields = box(fieldSet{})
	}
	fields := m.set()
	fields.present.add(f)
	fields.values[f] = v
}

// setIf sets field f where there is a value for it.
func (m *Message) setIf(f int, v string) {
	if v != "" {
		m.Set(f, v)
	}
}

// Unset makes field f absent.
func (m *Message) Unset(f int) {
	if !m.Has(f) {
		return
	}
	fields := m.set()
	fields.present.remove(f)
	fields.values[f] = ""
}

// Reset makes the message empty and keeps its memory for the next use.
func (m *Message) Reset() {
	m.MTI = 0
	fields := m.set()
	if fields == nil {
		return
	}
	for f := range fields.present.all() {
		fields.values[f] = ""
	}
	fields.present = fieldMask{}
}

// Clone gives a copy that shares nothing with m.
func (m *Message) Clone() *Message {
	c := &Message{MTI: m.MTI}
	if m.fields != nil {
		c.fields = box(*m.set())
	}
	return c
}

// Fields gives the fields present and their values, in ascending order.
func (m *Message) Fields() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for f := range m.numbers() {
			if !yield(f, m.set().values[f]) {
				return
			}
		}
	}
}

// numbers gives the field numbers present, in ascending order.
func (m *Message) numbers() iter.Seq[int] {
	if m.fields == nil {
		return func(func(int) bool) {}
	}
	return m.set().present.all()
}
