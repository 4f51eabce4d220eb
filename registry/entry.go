package registry

import (
	"treasury-switch/ledger"
	"treasury-switch/money"
)

// Agency is an executive body that sells public services, or a partner that has
// a share in them.
type Agency struct {
	Code     int32        `json:"code"`
	Acceptor string       `json:"acceptor"` // F42: the code padded with zeros to 15 digits
	Name     string       `json:"name"`     // in Persian
	NameEn   string       `json:"name_en"`
	State    ledger.State `json:"state"`
	Partner  bool         `json:"partner"`
	Feed     bool         `json:"feed"` // it asked to be told of its payments
}

// Terminal is a device that may ask for payments of one agency, in one book for good.
type Terminal struct {
	ID     string       `json:"id"` // F41, 8 characters
	Agency int32        `json:"agency"`
	Book   ledger.Book  `json:"book"`
	Type   string       `json:"type"` // F25: 14 POS, 43 kiosk, 59 internet
	State  ledger.State `json:"state"`
	Limit  money.Rial   `json:"limit"` // largest payment, 0 = none
}

// Service is a public service that is paid for.
type Service struct {
	Code   string       `json:"code"`
	Agency int32        `json:"agency"`
	Name   string       `json:"name"`
	NameEn string       `json:"name_en"`
	State  ledger.State `json:"state"`
}
