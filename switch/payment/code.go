package payment

// Code is a response code, field 39 of ISO 8583:1987, two digits. The switch refuses with it; the edges map it to
// their own protocol.
type Code string

// The codes that this package gives to terminals. The network's other codes are passed on unchanged.
const (
	OK              Code = "00" // approved, or accepted
	DoNotHonour     Code = "05" // declined without a further reason
	InvalidAcceptor Code = "03" // agency, acceptor id or a beneficiary account not open
	InProgress      Code = "09" // the same request is still in flight after the wait
	InvalidRequest  Code = "12" // unknown MTI, processing code, service; or reversed before it came
	InvalidAmount   Code = "13" // zero, or not the quote's total
	InvalidCard     Code = "14" // Luhn
	NoOriginal      Code = "25" // status inquiry for an unknown original
	FormatError     Code = "30" // missing or malformed field
	UnknownTerminal Code = "58" // not registered, or not open
	OverLimit       Code = "61" // above a configured limit
	OutcomeUnknown  Code = "68" // may have been done; a reversal is queued
	DaySettled      Code = "77" // reversal (0400) of a day already settled
	Inoperative     Code = "91" // certainly not done
	Duplicate       Code = "94" // same identity with other content
	SystemError     Code = "96" // our fault
)
