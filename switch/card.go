package switching

import "treasury-switch/identity"

// Card is the cardholder's data of one request. It goes to the network and is never stored, except for the PAN, which
// is sealed in case a reversal needs it.
type Card struct {
	PAN      identity.PAN
	Track2   identity.Track2
	PINBlock identity.PINBlock
	Expiry   identity.Secret // F14, as printed on the card
	CVV2     identity.CVV2   // for card not present: typed by the payer
	Entry    string          // F22, how the card was read
	Chip     identity.Secret // F55, the chip's data
	Security identity.Secret // F53, security control
}
