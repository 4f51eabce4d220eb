package iso

import (
	"fmt"
	"iter"
)

// MaxField is the highest field number of a message with two bitmaps.
const MaxField = 128

// Message is a message type and its fields 2 to 128. A field's value is the text on the wire, without length prefix
// and with its padding: F4 is "000001476112". Binary fields (F43, F44, F48, F52, F55, F64, F96, F128) hold the raw
// bytes.
//
// The zero value is an empty message, ready for use. A Message is not safe for concurrent use, and a copy of the
// struct shares the fields: use Clone. All printing of a Message is masked, see Message.Format.
type Message struct {
	MTI MTI
	// fields is behind two pointers: fmt calls no methods on unexported parts of other structs and follows one
	// pointer for some verbs, but never two.
	fields **fieldSet
}

// usualFields is how many fields a message holds in one allocation: a debit to the network with chip data and a MAC
// has no more.
const usualFields = 26

// fieldSet holds which fields are present, and their values in ascending order of
// the field numbers.
type fieldSet struct {
	present fieldMask
	values  []string
	room    [usualFields]string // the backing array of values, until there are more
}

// set returns the fields, or nil if there never were any.
func (m *Message) set() *fieldSet {
	if m.fields == nil {
		return nil
	}
	return *m.fields
}

// prepare returns the fields, and makes an empty set if there never were any.
func (m *Message) prepare() *fieldSet {
	if m.fields == nil {
		// The set and the second pointer to it are one allocation.
		boxed := &struct {
			fields fieldSet
			at     *fieldSet
		}{}
		boxed.at = &boxed.fields
		boxed.fields.values = boxed.fields.room[:0]
		m.fields = &boxed.at
	}
	return *m.fields
}

// get returns the value of field f, or "" where it is absent.
func (s *fieldSet) get(f int) string {
	if !s.present.has(f) {
		return ""
	}
	return s.values[s.present.below(f)]
}

// put makes field f present with value v.
func (s *fieldSet) put(f int, v string) {
	at := s.present.below(f)
	if !s.present.has(f) {
		s.reserve(len(s.values) + 1)
		s.values = s.values[:len(s.values)+1]
		copy(s.values[at+1:], s.values[at:])
		s.present.add(f)
	}
	s.values[at] = v
}

// drop makes field f, which is present, absent.
func (s *fieldSet) drop(f int) {
	at, last := s.present.below(f), len(s.values)-1
	copy(s.values[at:], s.values[at+1:])
	s.values[last] = ""
	s.values = s.values[:last]
	s.present.remove(f)
}

// reserve makes room for n values, and clears what it has moved.
func (s *fieldSet) reserve(n int) {
	if n <= cap(s.values) {
		return
	}
	more := make([]string, len(s.values), MaxField)
	copy(more, s.values)
	clear(s.values)
	s.values = more
}

// empty drops and clears every field.
func (s *fieldSet) empty() {
	clear(s.values)
	s.values = s.values[:0]
	s.present = fieldMask{}
}

// Get returns the value of field f, or "" where it is absent.
func (m *Message) Get(f int) string {
	if m.fields == nil || f < 2 || f > MaxField {
		return ""
	}
	return m.set().get(f)
}

// Has reports whether field f is present, even if empty.
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
	m.prepare().put(f, v)
}

// setIf sets field f if v is not empty.
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
	m.set().drop(f)
}

// Reset empties the message and keeps its memory for reuse.
func (m *Message) Reset() {
	m.MTI = 0
	if m.fields != nil {
		m.set().empty()
	}
}

// Clone returns a copy that shares nothing with m.
func (m *Message) Clone() *Message {
	c := &Message{MTI: m.MTI}
	if m.fields != nil {
		from, to := m.set(), c.prepare()
		to.reserve(len(from.values))
		to.values = append(to.values, from.values...)
		to.present = from.present
	}
	return c
}

// Fields yields the present fields and their values, in ascending order.
func (m *Message) Fields() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for f := range m.numbers() {
			if !yield(f, m.set().get(f)) {
				return
			}
		}
	}
}

// numbers yields the numbers of the present fields, in ascending order.
func (m *Message) numbers() iter.Seq[int] {
	if m.fields == nil {
		return func(func(int) bool) {}
	}
	return m.set().present.all()
}
