package iso

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"treasury-switch/money"
)

// mtiTexts name the message types for people.
var mtiTexts = map[MTI]string{
	MTIInquiry: "inquiry", MTIInquiryAnswer: "answer to inquiry", MTIPurchase: "purchase",
	MTIPurchaseRepeat: "purchase, repeat", MTIPurchaseAnswer: "answer to purchase",
	MTIDelivery: "delivery", MTIDeliveryAnswer: "answer to delivery",
	MTIReversal: "reversal", MTIReversalRepeat: "reversal, repeat", MTIReversalAnswer: "answer to reversal",
	MTIReversalAdvice: "reversal advice", MTIReversalAdviceRepeat: "reversal advice, repeat",
	MTIReversalAdviceAnswer: "answer to reversal advice", MTITotals: "totals", MTITotalsAnswer: "answer to totals",
	MTITotalsAdvice: "totals advice", MTITotalsAdviceAnswer: "answer to totals advice",
	MTINetwork: "network management", MTINetworkAnswer: "answer to network management",
}

// Describe writes the message for people, one field per line with its number, name and masked value. The dialect
// decides what is shown of a field; secrets are never shown.
func (d *Dialect) Describe(w io.Writer, m *Message) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s\n", m.MTI, mtiTexts[m.MTI])
	for f, value := range m.Fields() {
		fmt.Fprintf(&out, "  F%-3d %-34s %s\n", f, d.FieldName(f), d.shown(f, value))
		if d.rules[f].show == showTags {
			d.describeTags(&out, value)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// shown returns the displayable part of a field.
func (d *Dialect) shown(f int, value string) string {
	if !d.Fits(f, value) {
		return lengthOnly(value) + ", malformed"
	}
	switch d.rules[f].show {
	case showPAN:
		return maskedPAN(value)
	case showPersian:
		return d.DecodeText(value)
	case showOriginal:
		return describeOriginal(value)
	case showPlain:
		return describePlain(f, value)
	}
	return lengthOnly(value)
}

// describePlain adds the meaning of a few values.
func describePlain(f int, value string) string {
	switch f {
	case FieldAmount:
		if n, ok := number(value); ok {
			return value + "  " + money.Rial(n).Grouped() + " rial"
		}
	case FieldCode:
		return clean(value) + "  " + Code(value).English()
	}
	return clean(value)
}

// describeOriginal returns the parts of F90.
func describeOriginal(value string) string {
	o, err := ParseOriginalData(value)
	if err != nil {
		return lengthOnly(value) + ", malformed"
	}
	return fmt.Sprintf("%s STAN %s sent %s acquirer %s forwarder %s", o.MTI, o.STAN, o.Stamp, o.Acquirer, o.Forwarder)
}

// shownTags are the tags of F48 whose values name no person.
var shownTags = []string{"SVC", "QTY", "BAS", "PTY", "CAT", "DUE", "OPT", "RQD", "SVD", "FYR", "BIL", "PAY", "DEP", "REF", "TRK",
	"DCD", "LIN"}

// describeTags writes the tags of F48, one per line.
func (d *Dialect) describeTags(out *strings.Builder, value string) {
	tags, err := ParseTags(value)
	if err != nil {
		fmt.Fprintf(out, "       malformed\n")
		return
	}
	for _, t := range tags {
		text := lengthOnly(t.Value)
		switch {
		case t.Tag == "CIT":
			text = d.DecodeText(t.Value)
		case slices.Contains(shownTags, t.Tag):
			text = clean(t.Value)
		}
		fmt.Fprintf(out, "       %s %s\n", t.Tag, text)
	}
}
