package iso

import (
	"maps"
	"slices"
)

// neverPlain are the fields that no dialect file may show, whatever it says:
// card number, expiry, tracks, private data, PIN block, security control, chip
// data, MACs and keys (PCI DSS 3.3 and 3.4).
var neverPlain = []int{2, 14, 34, 35, 36, 45, 46, 47, 48, 52, 53, 55, 64, 96, 128}

// loadFields reads the formats of the fields.
func (d *Dialect) loadFields(files map[int]fieldFile, faults *loadFaults) {
	if len(files) == 0 {
		faults.add("fields: none")
	}
	for _, n := range slices.Sorted(maps.Keys(files)) {
		if n < 2 || n > MaxField || n == 65 {
			faults.add("field %d: there is no such field", n)
			continue
		}
		file := files[n]
		d.loadField(n, &file, faults)
	}
}

// loadField reads one field: its moov specification and the further rules.
func (d *Dialect) loadField(n int, file *fieldFile, faults *loadFaults) {
	kind, known := charsetNames[file.Type]
	if !known {
		faults.add("field %d: type %q is not one of n, an, ans, z, xn, bytes, hex", n, file.Type)
	}
	if _, known = prefixes[file.Prefix]; !known {
		faults.add("field %d: prefix %q is not one of L, LL, LLL, LLLL", n, file.Prefix)
	}
	rule, known := formNames[file.Form]
	if !known {
		faults.add("field %d: form %q is not known", n, file.Form)
	}
	if file.Name == "" {
		faults.add("field %d: no name", n)
	}
	checkLengths(n, kind, file, faults)
	refusal := Code(file.Refusal)
	if refusal == "" {
		refusal = RC30FormatError
	}
	shown := loadShow(n, file.Show, faults)
	d.rules[n] = fieldRule{form: rule, values: file.Values, refusal: refusal, show: shown}
	d.spec.Fields[n] = moovField(file, kind)
	d.wire[n] = compile(d.spec.Fields[n].Spec(), kind, file.Min, shown)
}

// checkLengths checks the lengths of a field against its prefix.
func checkLengths(n int, kind charset, file *fieldFile, faults *loadFaults) {
	longest := 999
	if file.Prefix != "" {
		longest = pow10(len(file.Prefix)) - 1
	}
	if file.Len < 1 || file.Len > longest {
		faults.add("field %d: len %d is outside 1 to %d", n, file.Len, longest)
	}
	if file.Min < 0 || file.Min > file.Len || (file.Prefix == "" && file.Min != 0) {
		faults.add("field %d: min %d does not fit", n, file.Min)
	}
	if kind == charsetHex && file.Prefix != "" {
		faults.add("field %d: a hex field has a fixed length", n)
	}
	for _, v := range file.Values {
		if len(v) > file.Len || kind.reject(v) != "" {
			faults.add("field %d: value %q does not fit its type", n, v)
		}
	}
}

// loadShow reads what may be shown of a field, and refuses to show secrets.
func loadShow(n int, name string, faults *loadFaults) show {
	if name == "" {
		return showLength
	}
	s, known := showNames[name]
	if !known {
		faults.add("field %d: show %q is not known", n, name)
	}
	secret := slices.Contains(neverPlain, n) && s != showLength
	if secret && (n != 2 || s != showPAN) && (n != 48 || s != showTags) {
		faults.add("field %d: may not be shown", n)
	}
	return s
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}
