package simulator

import (
	"treasury-switch/identity"
	"treasury-switch/iso"
)

// answering is how a card's answer is delivered.
type answering uint8

const (
	once  answering = iota // at once
	never                  // not at all
	late                   // after Config.Late
	twice                  // at once, two copies
)

// behaviour is what a card does. A code of "" means that nothing happens at all:
// no debit, no answer.
type behaviour struct {
	code   iso.Code
	answer answering
}

// sandbox are the cards with a behaviour of their own, as in docs/sandbox.md.
var sandbox = sandboxCards(map[string]behaviour{
	"6037990000000014": {iso.RC00Approved, once},
	"6037990000000022": {iso.RC00Approved, once},
	"6104330000000516": {iso.RC51InsufficientFunds, once},
	"5892100000000552": {iso.RC55WrongPIN, once},
	"6273530000000540": {iso.RC54ExpiredCard, once},
	"5022290000000612": {iso.RC61OverAmountLimit, once},
	"6037690000000911": {iso.RC91Inoperative, once},
	"6219860000000688": {iso.RC00Approved, never},
	"6274120000000960": {"", never},
	"6221060000000699": {iso.RC00Approved, late},
	"6037990000000949": {iso.RC00Approved, twice},
})

// sandboxCards parses the numbers; one that is no card number is a bug here.
func sandboxCards(byDigits map[string]behaviour) map[identity.PAN]behaviour {
	cards := make(map[identity.PAN]behaviour, len(byDigits))
	for digits, does := range byDigits {
		card, err := identity.ParsePAN(digits)
		if err != nil {
			panic("simulator: a sandbox card is no card number")
		}
		cards[card] = does
	}
	return cards
}

// behaviourOf is what a card does: a sandbox card as in the table, any other card
// of a known issuer approves, one of an unknown issuer is declined 15.
func behaviourOf(card identity.PAN) behaviour {
	if does, ok := sandbox[card]; ok {
		return does
	}
	if _, known := identity.IssuerOf(card.First6()); !known {
		return behaviour{iso.RC15NoSuchIssuer, once}
	}
	return behaviour{iso.RC00Approved, once}
}
