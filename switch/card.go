package switching

import "treasury-switch/identity"

// Card is the cardholder's data of one request. It goes to the network and is
// stored nowhere, except the PAN, sealed, while a reversal may need it.
type Card struct {
	PAN      identity.PAN
	Track2   identity.Track2
	PINBlock identity.PINBlock
	Expiry   identity.Secret // F14, as printed on the card
	CVV2     identity.CVV2   // where the card is not there: typed by the payer
	Entry    string          // F22, how the card was read
	Chip     identity.Secret // F55, the chip's data
	Security identity.Secret // F53, security control
}
