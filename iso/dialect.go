package iso

import (
	_ "embed"
	"sync"

	"github.com/moov-io/iso8583"

	"treasury-switch/iso/iransystem"
)

// Dialect is the agreement with one kind of peer: the format of the fields, the
// presence rules, the classes of the response codes and the masking. It is
// immutable and safe for concurrent use.
type Dialect struct {
	framing   Framing
	textOrder iransystem.Order
	spec      *iso8583.MessageSpec    // how messages travel, and the names of the fields
	wire      [MaxField + 1]wireField // compiled from spec, for the fast path
	byMoov    bool                    // disables the fast path
	rules     [MaxField + 1]fieldRule
	presence  map[ruleKey][]rule
	unbound   []Code // answers with these codes need not be complete
	answers   map[Code]Class
	reversals map[Code]ReversalClass
	encoded   *encodedTexts
}

//go:embed dialects/terminal-1987.yaml
var terminalFile []byte

//go:embed dialects/shetab-1987.yaml
var shetabFile []byte

var (
	terminalDialect = sync.OnceValue(func() *Dialect { return mustLoad("terminal-1987.yaml", terminalFile) })
	shetabDialect   = sync.OnceValue(func() *Dialect { return mustLoad("shetab-1987.yaml", shetabFile) })
)

// TerminalDialect is the dialect between terminals and the switch that ships
// with the product.
func TerminalDialect() *Dialect { return terminalDialect() }

// ShetabDialect is the dialect of the Shetab card network that ships with the
// product, ISO 8583:1987.
func ShetabDialect() *Dialect { return shetabDialect() }

// mustLoad loads an embedded file: a fault in it is a bug.
func mustLoad(name string, data []byte) *Dialect {
	d, err := Load(name, data)
	if err != nil {
		panic(err)
	}
	return d
}

// Name is the dialect's name from its file.
func (d *Dialect) Name() string { return d.spec.Name }

// Framing is the dialect's default framing; a listener or link may choose another.
func (d *Dialect) Framing() Framing { return d.framing }

// FieldName is the name of field f for people, or "" if the dialect does not define it.
func (d *Dialect) FieldName(f int) string {
	if defined, ok := d.spec.Fields[f]; ok {
		return defined.Spec().Description
	}
	return ""
}

// EncodeText encodes Persian text as Iran System bytes in the dialect's order, at most limit bytes (0 for no limit);
// a longer one is visibly shortened, see iransystem.Encode. Texts are cached, because the same few names and
// citations are sent with every payment: it is not for secrets.
func (d *Dialect) EncodeText(text string, limit int) string {
	if known, found := d.encoded.get(text, limit); found {
		return known
	}
	bytes := iransystem.Encode(text, d.textOrder, limit)
	d.encoded.put(text, limit, bytes)
	return bytes
}

// DecodeText decodes Iran System bytes of this dialect.
func (d *Dialect) DecodeText(bytes string) string {
	return iransystem.Decode(bytes, d.textOrder)
}
