package iso

// Place is field 43: the acceptor's name and place, in Persian.
type Place struct {
	Name    string // at most 22 bytes on the wire
	City    string // at most 13
	State   string // at most 3
	Country string // 2, "IR"
}

// FitsCity reports whether a city fits field 43 in full.
func (d *Dialect) FitsCity(city string) bool { return len(d.EncodeText(city, 0)) <= placeParts[1] }

// placeParts are the lengths of name, city, state and country.
var placeParts = [...]int{22, 13, 3, 2}

// EncodePlace returns the 40 Iran System bytes of field 43. Each part is shortened or padded with spaces to its
// length.
func (d *Dialect) EncodePlace(p Place) string {
	var bytes [40]byte
	out := bytes[:0]
	for i, part := range [...]string{p.Name, p.City, p.State, p.Country} {
		end := len(out) + placeParts[i]
		for out = append(out, d.EncodeText(part, placeParts[i])...); len(out) < end; {
			out = append(out, ' ')
		}
	}
	return string(out)
}

// DecodePlace reads field 43; false if it does not have 40 bytes.
func (d *Dialect) DecodePlace(bytes string) (Place, bool) {
	var parts [4]string
	for i, n := range placeParts {
		if len(bytes) < n {
			return Place{}, false
		}
		parts[i], bytes = d.DecodeText(bytes[:n]), bytes[n:]
	}
	return Place{parts[0], parts[1], parts[2], parts[3]}, bytes == ""
}
