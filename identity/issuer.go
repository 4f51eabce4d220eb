package identity

import (
	_ "embed"
	"strings"
)

// issuersCSV is the table of issuers: one row per BIN and period, newest
// period of a BIN last; columns bin, bank, from, until (Gregorian, empty where
// open or unknown). Lines that begin with # are remarks.
//
//go:embed issuers.csv
var issuersCSV string

// banksCSV names the banks by the code in an IBAN; columns code, bank.
//
//go:embed banks.csv
var banksCSV string

var (
	issuers = table(issuersCSV)
	banks   = table(banksCSV)
)

// IssuerOf names the bank that issues cards with this BIN (the first six
// digits of a card number), in Persian. The table routes and names; an unknown
// BIN is no reason to refuse a card, because banks merge and found new ranges.
func IssuerOf(bin string) (name string, known bool) {
	name, known = issuers[bin]
	return name, known
}

// BankOf names the bank of a code in an IBAN (IBAN.BankCode), in Persian.
func BankOf(code string) (name string, known bool) {
	name, known = banks[code]
	return name, known
}

// table reads the first two columns of an embedded table; of rows with the
// same key the last one holds.
func table(csv string) map[string]string {
	rows := make(map[string]string)
	for line := range strings.Lines(csv) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, rest, _ := strings.Cut(line, ",")
		name, _, _ := strings.Cut(rest, ",")
		rows[key] = name
	}
	return rows
}
