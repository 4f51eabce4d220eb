package iso

// Code is a response code (F39). The constants are the codes of ISO 8583:1987 in use on the network and towards
// terminals.
type Code string

// The response codes of ISO 8583:1987 as used on the network.
const (
	RC00Approved             Code = "00"
	RC03InvalidAcceptor      Code = "03"
	RC05DoNotHonour          Code = "05"
	RC06Error                Code = "06"
	RC09InProgress           Code = "09"
	RC10Partial              Code = "10"
	RC12InvalidTransaction   Code = "12"
	RC13InvalidAmount        Code = "13"
	RC14InvalidCard          Code = "14"
	RC15NoSuchIssuer         Code = "15"
	RC21NoActionTaken        Code = "21"
	RC25OriginalNotFound     Code = "25"
	RC30FormatError          Code = "30"
	RC38PINTriesExceeded     Code = "38"
	RC41LostCard             Code = "41"
	RC43StolenCard           Code = "43"
	RC51InsufficientFunds    Code = "51"
	RC54ExpiredCard          Code = "54"
	RC55WrongPIN             Code = "55"
	RC57NotPermittedCard     Code = "57"
	RC58NotPermittedTerminal Code = "58"
	RC59SuspectedFraud       Code = "59"
	RC61OverAmountLimit      Code = "61"
	RC63SecurityViolation    Code = "63"
	RC65OverCountLimit       Code = "65"
	RC68AnsweredTooLate      Code = "68"
	RC75PINTriesOver         Code = "75"
	RC77WrongBusinessDay     Code = "77"
	RC78CardInactive         Code = "78"
	RC84IssuerDown           Code = "84"
	RC90CutOverInProgress    Code = "90"
	RC91Inoperative          Code = "91"
	RC92NoRoute              Code = "92"
	RC94Duplicate            Code = "94"
	RC96SystemMalfunction    Code = "96"
	RC06NotDelivered              = RC06Error // F39 of a 0220: the kiosk did not deliver
)

// codeText is one row of the code table. v1993 is the code of the 1993 version if the pair is known: systems of
// Iranian banks show these.
type codeText struct{ english, persian, v1993 string }

var codeTexts = map[Code]codeText{
	RC00Approved:             {"approved", "تراکنش موفق", ""},
	RC03InvalidAcceptor:      {"invalid acceptor", "پذیرنده نامعتبر است", ""},
	RC05DoNotHonour:          {"do not honour", "تراکنش پذیرفته نشد", ""},
	RC06Error:                {"error", "بروز خطا", ""},
	RC09InProgress:           {"request in progress", "تراکنش در حال انجام است", ""},
	RC10Partial:              {"approved for a part of the amount", "بخشی از مبلغ تأیید شد", ""},
	RC12InvalidTransaction:   {"invalid transaction", "تراکنش نامعتبر است", "902"},
	RC13InvalidAmount:        {"invalid amount", "مبلغ نادرست است", ""},
	RC14InvalidCard:          {"invalid card number", "شماره کارت نامعتبر است", ""},
	RC15NoSuchIssuer:         {"no such issuer", "صادرکننده نامعتبر است", ""},
	RC21NoActionTaken:        {"no action taken", "عملی انجام نشد", ""},
	RC25OriginalNotFound:     {"original not found", "تراکنش اصلی یافت نشد", "914"},
	RC30FormatError:          {"format error", "قالب پیام نادرست است", ""},
	RC38PINTriesExceeded:     {"PIN tries exceeded, card kept", "دفعات رمز بیش از حد مجاز", ""},
	RC41LostCard:             {"lost card", "کارت مفقودی است", ""},
	RC43StolenCard:           {"stolen card", "کارت سرقتی است", ""},
	RC51InsufficientFunds:    {"insufficient funds", "موجودی کافی نیست", "116"},
	RC54ExpiredCard:          {"expired card", "کارت منقضی شده است", ""},
	RC55WrongPIN:             {"wrong PIN", "رمز نادرست است", "117"},
	RC57NotPermittedCard:     {"not permitted to the cardholder", "کارت مجاز به تراکنش نیست", ""},
	RC58NotPermittedTerminal: {"not permitted to the terminal", "پایانه مجاز نیست", ""},
	RC59SuspectedFraud:       {"suspected fraud", "کارت مظنون به تقلب است", ""},
	RC61OverAmountLimit:      {"over the amount limit", "مبلغ بیش از حد مجاز است", ""},
	RC63SecurityViolation:    {"MAC or security error", "خطای امنیتی", "916"},
	RC65OverCountLimit:       {"over the count limit", "تعداد بیش از حد مجاز است", ""},
	RC68AnsweredTooLate:      {"answered too late", "پاسخ به موقع دریافت نشد", ""},
	RC75PINTriesOver:         {"PIN tries exceeded", "دفعات رمز بیش از حد مجاز", ""},
	RC77WrongBusinessDay:     {"wrong business day", "روز مالی نادرست است", "915"},
	RC78CardInactive:         {"card inactive", "کارت فعال نیست", ""},
	RC84IssuerDown:           {"issuer down", "صادرکننده فعال نیست", ""},
	RC90CutOverInProgress:    {"cut-over in progress", "روز مالی در حال تغییر است", "906"},
	RC91Inoperative:          {"issuer or switch inoperative", "سامانه در دسترس نیست", "911"},
	RC92NoRoute:              {"no route", "مسیر تراکنش یافت نشد", "908"},
	RC94Duplicate:            {"duplicate", "تراکنش تکراری است", "913"},
	RC96SystemMalfunction:    {"system malfunction", "خطای سامانه", "909"},
}

// also1993 are codes of the 1993 version that share a 1987 code with another.
var also1993 = map[string]Code{"912": RC91Inoperative}

// Known reports whether the code is in the table.
func (c Code) Known() bool {
	_, known := codeTexts[c]
	return known
}

// English is a short text for people, such as "insufficient funds".
func (c Code) English() string {
	if text, known := codeTexts[c]; known {
		return text.english
	}
	return "unknown response code"
}

// Persian is the same for payers.
func (c Code) Persian() string {
	if text, known := codeTexts[c]; known {
		return text.persian
	}
	return "کد پاسخ ناشناخته"
}

// V1993 is the three-digit code of the 1993 version, where the pair is known.
func (c Code) V1993() (string, bool) {
	text := codeTexts[c].v1993
	return text, text != ""
}

// CodeOf1993 is the 1987 code of a three-digit code of the 1993 version.
func CodeOf1993(three string) (Code, bool) {
	if code, known := also1993[three]; known {
		return code, true
	}
	for code, text := range codeTexts {
		if text.v1993 != "" && text.v1993 == three {
			return code, true
		}
	}
	return "", false
}
