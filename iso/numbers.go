package iso

// The fields of ISO 8583:1987 that the product reads or writes by number.
const (
	FieldPAN          = 2   // primary account number
	FieldProcessing   = 3   // processing code
	FieldAmount       = 4   // amount, transaction
	FieldTransmission = 7   // transmission date and time, MMDDhhmmss in UTC
	FieldSTAN         = 11  // system trace audit number
	FieldLocalTime    = 12  // local time, hhmmss
	FieldLocalDate    = 13  // local date, MMDD
	FieldExpiry       = 14  // expiration date
	FieldSettlement   = 15  // settlement date, MMDD: the business day
	FieldCapture      = 17  // capture date, MMDD
	FieldMerchantType = 18  // merchant type
	FieldCountry      = 19  // acquirer's country
	FieldEntryMode    = 22  // point of service entry mode
	FieldCardSequence = 23  // card sequence number
	FieldTerminalType = 25  // point of service condition: the type of the terminal
	FieldPINCapture   = 26  // PIN capture
	FieldAcquirer     = 32  // acquiring institution
	FieldForwarder    = 33  // forwarding institution
	FieldTrack2       = 35  // track 2
	FieldRRN          = 37  // retrieval reference number
	FieldApproval     = 38  // approval code
	FieldCode         = 39  // response code
	FieldTerminal     = 41  // terminal id
	FieldAcceptor     = 42  // acceptor id
	FieldPlace        = 43  // acceptor's name and place
	FieldText         = 44  // additional response data: words for the payer
	FieldPrivate      = 48  // private data
	FieldCurrency     = 49  // currency, transaction
	FieldPIN          = 52  // PIN block
	FieldSecurity     = 53  // security control information
	FieldBalances     = 54  // additional amounts
	FieldChip         = 55  // the chip's data
	FieldManagement   = 70  // network management code
	FieldOriginal     = 90  // original data elements
	FieldReplacement  = 95  // replacement amounts
	FieldKey          = 96  // message security code: a key
	FieldReceiver     = 100 // receiving institution
)
