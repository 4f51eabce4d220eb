package terminal

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"testing"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// constants reads the values of the constants of type Code out of a file of code, so
// that one that is added later is not forgotten here.
func constants(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if named, ok := spec.Type.(*ast.Ident); !ok || named.Name != "Code" {
			return true
		}
		for _, v := range spec.Values {
			if literal, ok := v.(*ast.BasicLit); ok {
				text, _ := strconv.Unquote(literal.Value)
				values = append(values, text)
			}
		}
		return true
	})
	return values
}

// TestEverySwitchCodeIsMapped: the table names each code of the switch, and each has a
// text for the payer.
func TestEverySwitchCodeIsMapped(t *testing.T) {
	all := constants(t, "../../switch/payment/code.go")
	if len(all) < 16 || len(all) != len(codes) {
		t.Fatalf("the switch has %d codes, the table %d", len(all), len(codes))
	}
	for _, text := range all {
		mapped, there := codes[payment.Code(text)]
		if !there || string(mapped) != text || !mapped.Known() {
			t.Errorf("code %q is mapped to %q", text, mapped)
		}
	}
}

// TestEveryNetworkCodeIsPassedOn as it came, and fits F39, with its whole text in F44.
func TestEveryNetworkCodeIsPassedOn(t *testing.T) {
	all := constants(t, "../code.go")
	if len(all) < 35 {
		t.Fatalf("only %d codes found", len(all))
	}
	for _, text := range append(all, "Z9") {
		answer := approved()
		answer.Code = payment.Code(text)
		r := newRig(t, answer)
		out := r.ask(purchase())
		isotest.Want(t, out, iso.MTIPurchaseAnswer, map[int]string{39: text})
		d := iso.TerminalDialect()
		told, whole := d.DecodeText(out.Get(44)), d.DecodeText(d.EncodeText(iso.Code(text).Persian(), 0))
		if text == "00" {
			whole = ""
		}
		if told != whole || len(out.Get(44)) > 25 {
			t.Errorf("code %s has the text %q, want %q", text, told, whole)
		}
	}
}

// TestTextThatDoesNotFitIsNotTold: a dialect with a shorter F44 gets no half of a text.
func TestTextThatDoesNotFitIsNotTold(t *testing.T) {
	file, err := os.ReadFile("../dialects/terminal-1987.yaml")
	if err != nil {
		t.Fatal(err)
	}
	short, err := iso.Load("short.yaml", bytes.Replace(file, []byte("type: bytes, len: 25, prefix: LL"), []byte("type: bytes, len: 15, prefix: LL"), 1))
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{Dialect: short, Switch: &fakeSwitch{}, Acquirer: "581672000"})
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[iso.Code]string{"58": "", "55": iso.Code("55").Persian()} {
		out := new(iso.Message)
		c.setCode(out, code)
		if got := short.DecodeText(out.Get(44)); got != want {
			t.Errorf("code %s has the text %q, want %q", code, got, want)
		}
	}
}

// TestNoCodeIsOurFault: an answer without a code must pass neither for an approval nor for the word that nothing was done.
func TestNoCodeIsOurFault(t *testing.T) {
	for _, c := range []payment.Code{"", "0", "000", "0\n", "\xd9\xa0"} {
		r := newRig(t, switching.Answer{Code: c})
		isotest.Want(t, r.ask(purchase()), iso.MTIPurchaseAnswer, map[int]string{39: "09"})
	}
}
