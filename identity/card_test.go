package identity

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"treasury-switch/internal/fault"
)

func TestParsePAN(t *testing.T) {
	for _, s := range []string{"6037991234567893", "6104331234567890", "5892101234567895", "6037990000000014", "6037990000000022",
		"6104330000000516", "5892100000000552", "6273530000000540", "5022290000000612", "6037690000000911", "6219860000000688",
		"6274120000000960", "6221060000000699", "6037990000000949", "000000000000", "0000000000000000018", "9999999999999999998"} {
		p, err := ParsePAN(s)
		require.NoError(t, err, s)
		require.Equal(t, s, p.Reveal())
		require.Equal(t, s[:6], p.First6())
		require.Equal(t, s[len(s)-4:], p.Last4())
		require.False(t, p.IsZero())
	}
	for s, want := range map[string]error{
		"6219861034529008": ErrLuhn, "6037991234567894": ErrLuhn, "": ErrForm, "60379912345": ErrForm, "60379912345678931234": ErrForm,
		"6037991234567a93": ErrForm, "603799 1234567893": ErrForm, "۶۰۳۷۹۹": ErrForm, "603799123456789:": ErrForm, "603799123456789/": ErrForm,
	} {
		p, err := ParsePAN(s)
		require.ErrorIs(t, err, want, s)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		require.True(t, p.IsZero())
	}
}

func TestPANShowsSixAndFour(t *testing.T) {
	for s, want := range map[string]string{
		"6037990000000014": "603799******0014", "000000000000": "000000**0000", "9999999999999999998": "999999*********9998",
	} {
		p, err := ParsePAN(s)
		require.NoError(t, err)
		require.Equal(t, want, p.String())
	}
	var none PAN
	require.Empty(t, none.String()+none.Reveal()+none.First6()+none.Last4())
}

func TestPANCompares(t *testing.T) {
	a, _ := ParsePAN("6037990000000014")
	b, _ := ParsePAN("6037990000000014")
	c, _ := ParsePAN("6037990000000022")
	require.True(t, a == b)
	require.False(t, a == c)
	short, _ := ParsePAN("000000000000")
	long, _ := ParsePAN("0000000000000000")
	require.False(t, short == long)
}

// A changed digit is always noticed, and so is an exchange of neighbours other
// than 0 and 9: what Luhn promises.
func TestLuhnNoticesOneWrongDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := []byte("6037991234567893")
		at, by := rapid.IntRange(0, 15).Draw(t, "at"), rapid.IntRange(1, 9).Draw(t, "by")
		s[at] = '0' + (s[at]-'0'+byte(by))%10
		_, err := ParsePAN(string(s))
		require.ErrorIs(t, err, ErrLuhn)
	})
}

func TestParsingCardsDoesNotAllocate(t *testing.T) {
	require.Zero(t, testing.AllocsPerRun(100, func() {
		track, err := ParseTrack2("6037991234567893=05081201234567")
		if err != nil {
			t.Error(err)
		}
		if _, err := track.PAN(); err != nil {
			t.Error(err)
		}
		if _, err := ParsePINBlock("0123456789ABCDEF"); err != nil {
			t.Error(err)
		}
	}))
}

func TestParseTrack2(t *testing.T) {
	for s, expiry := range map[string]string{
		"6037991234567893=05081201234567": "0508", "6037991234567893D0508": "0508", "6219861034529008=9912": "9912",
		"000000000000=0000": "0000", "6037991234567893=05081201234567890123": "0508",
	} {
		track, err := ParseTrack2(s)
		require.NoError(t, err, s)
		require.Equal(t, s, track.Reveal())
		require.Equal(t, expiry, track.Expiry())
		require.False(t, track.IsZero())
	}
	track, err := ParseTrack2("6219861034529008=9912")
	require.NoError(t, err)
	_, err = track.PAN()
	require.ErrorIs(t, err, ErrLuhn)
	for _, s := range []string{"", "=", "6037991234567893", "6037991234567893=", "6037991234567893=050", "60379912345=0508",
		"60379912345678931234=0508", "6037991234567893=0508=1", "6037991234567893=050a", ";6037991234567893=0508",
		"6037991234567893=050812012345678901234"} {
		_, err := ParseTrack2(s)
		require.ErrorIs(t, err, ErrForm, s)
	}
	var none Track2
	require.Empty(t, none.Reveal()+none.Expiry())
	require.True(t, none.IsZero())
	_, err = none.PAN()
	require.ErrorIs(t, err, ErrForm)
}

func TestParsePINBlockAndCVV2(t *testing.T) {
	for s, want := range map[string]string{"0123456789ABCDEF": "0123456789ABCDEF", "fedcba9876543210": "FEDCBA9876543210",
		"0000000000000000": "0000000000000000"} {
		b, err := ParsePINBlock(s)
		require.NoError(t, err)
		require.Equal(t, want, b.Reveal())
		require.False(t, b.IsZero())
	}
	for _, s := range []string{"", "0123456789ABCDE", "0123456789ABCDEF0", "0123456789ABCDEG", "0123456789abcde`"} {
		_, err := ParsePINBlock(s)
		require.ErrorIs(t, err, ErrForm, s)
	}
	for _, s := range []string{"000", "123", "0007", "9999"} {
		c, err := ParseCVV2(s)
		require.NoError(t, err)
		require.Equal(t, s, c.Reveal())
		require.False(t, c.IsZero())
	}
	for _, s := range []string{"", "12", "12345", "12a", "۱۲۳"} {
		_, err := ParseCVV2(s)
		require.ErrorIs(t, err, ErrForm, s)
	}
	require.Empty(t, PINBlock{}.Reveal()+CVV2{}.Reveal())
	require.True(t, PINBlock{}.IsZero() && CVV2{}.IsZero())
}

func TestIssuerOf(t *testing.T) {
	for bin, want := range map[string]string{"603799": "ملی", "170019": "ملی", "589210": "سپه", "639194": "پارسیان",
		"606373": "قرض\u200cالحسنه مهر ایران", "504706": "شهر", "639599": "قوامین", "636795": "بانک مرکزی"} {
		name, known := IssuerOf(bin)
		require.True(t, known, bin)
		require.Equal(t, want, name)
	}
	require.Len(t, issuers, 45)
	for _, bin := range []string{"", "000000", "60379", "#", "# bin"} {
		_, known := IssuerOf(bin)
		require.False(t, known, bin)
	}
}
