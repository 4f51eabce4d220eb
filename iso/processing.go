package iso

// Processing codes (F3). The first two digits are the transaction, the other
// four the accounts from and to, which are zero here.
const (
	ProcessingPurchase  = "000000"
	ProcessingBill      = "170000" // bill payment
	ProcessingRefund    = "200000"
	ProcessingBalance   = "310000"
	ProcessingCardCheck = "330000"
	ProcessingTariff    = "380000" // tariff inquiry, terminal side only
	ProcessingStatus    = "380001" // status of the last transaction, terminal side only
)

// Terminal types (F25) as the network knows them.
const (
	TerminalATM      = "02"
	TerminalBranch   = "03"
	TerminalMobile   = "05"
	TerminalPhone    = "07"
	TerminalPOS      = "14"
	TerminalKiosk    = "43"
	TerminalInternet = "59"
)

// Network management codes (F70).
const (
	FunctionSignOn      = "001"
	FunctionSignOff     = "002"
	FunctionMACKey      = "164"
	FunctionPINKey      = "165"
	FunctionCutOver     = "201"
	FunctionCutOverDone = "202"
	FunctionEcho        = "301"
)

// Currency and country of the network (ISO 4217 and ISO 3166 numeric): rial, Iran.
const (
	CurrencyRial = "364"
	CountryIran  = "364"
)
