package tidy

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// module is the name under which packages of this repository import each other.
const module = "treasury-switch/"

// levels order the folders: a package imports only from its own level or below. Every folder with Go files has a place here,
// by the longest prefix.
var levels = map[string]int{
	"internal/fault":     0,
	"internal/digits":    0,
	"internal/tidy":      0,
	"internal/mutants":   0,
	"internal/snapshot":  0,
	"internal/await":     0,
	"internal/defaults":  0,
	"internal/page":      0,
	"internal/dbclock":   1,
	"internal/postgres":  1,
	"internal/pgserver":  1,
	"internal/pgproxy":   1,
	"internal/rowcopy":   1,
	"migrations":         1,
	"examples":           1,
	"internal/testdb":    2,
	"money":              2,
	"identity":           2,
	"calendar":           2,
	"tariffs":            3,
	"ledger":             3,
	"registry":           3,
	"security":           3,
	"switch/payment":     4,
	"switch/recorder":    5,
	"switch/cases":       6,
	"switch":             7,
	"reconciliation":     6,
	"settlement":         6,
	"reports":            6,
	"dossier":            6,
	"iso":                8,
	"api":                8,
	"checkout":           8,
	"console":            8,
	"internal/process":   1,
	"internal/wallclock": 1,
	"internal/promrule":  1,
	"internal/relay":     1,
	"internal/scrape":    1,
	"internal/metrics":   9,
	"internal/pos":       9,
	"simulator":          9,
	"internal/node":      10,
	"internal/threeway":  10,
	"internal/stage":     11,
	"loadtest":           11,
	"internal/endtoend":  11,
	"cmd":                12,
}

// testOnly folders serve tests, of every level.
var testOnly = []string{"internal/testdb", "switch/payment/paymenttest", "internal/pgproxy", "internal/await/awaittest", "internal/promrule", "iso/isotest"}

// edges are the folders that never import each other.
var edges = []string{"iso", "api", "checkout", "console"}

// barred imports go beyond the levels: whoever is in from must not import what is in to.
var barred = []struct {
	from   string
	except []string
	to     []string
	why    string
}{
	{"iso", []string{"iso/terminal", "iso/shetab"}, []string{"switch", "ledger", "registry", "tariffs"}, "the wire knows nothing of payments"},
	{"simulator", nil, []string{"switch", "ledger", "registry", "tariffs", "security/pan", "internal/postgres", "migrations"},
		"the simulated network shares no code with the switch: it would repeat our mistakes"},
	{"cmd/treasury-switch", nil, []string{"simulator", "loadtest"}, "the product does not contain the simulated network"},
	{"internal/node", nil, []string{"simulator", "loadtest"}, "the product does not contain the simulated network"},
	{"internal/pos", nil, []string{"switch", "ledger", "registry", "tariffs"}, "a terminal knows nothing of the switch but its address and dialect"},
}

// under reports whether a folder is prefix or lies below it.
func under(folder, prefix string) bool {
	return folder == prefix || strings.HasPrefix(folder, prefix+"/")
}

// level finds a folder's place by its longest prefix.
func level(folder string) (int, bool) {
	for prefix := folder; ; {
		if l, ok := levels[prefix]; ok {
			return l, true
		}
		cut := strings.LastIndexByte(prefix, '/')
		if cut < 0 {
			return 0, false
		}
		prefix = prefix[:cut]
	}
}

// imports lists the paths a file imports.
func (s source) imports() []string {
	var paths []string
	for _, spec := range s.file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

func importDirection(s source) []string {
	own, known := level(s.dir())
	if !known {
		return []string{"folder " + s.dir() + " has no level in internal/tidy"}
	}
	var findings []string
	for _, path := range s.imports() {
		folder, ours := strings.CutPrefix(path, module)
		if !ours {
			continue
		}
		if s.test() && slices.Contains(testOnly, folder) {
			continue
		}
		if why := barredImport(s, own, folder); why != "" {
			findings = append(findings, fmt.Sprintf("imports %s: %s", folder, why))
		}
	}
	return findings
}

// barredImport says why a file must not import a folder, or nothing.
func barredImport(s source, own int, folder string) string {
	theirs, known := level(folder)
	switch {
	case !known:
		return "it has no level in internal/tidy"
	case slices.Contains(testOnly, folder):
		return "only tests may use it"
	case theirs > own:
		return "imports point down only"
	}
	for _, edge := range edges {
		if under(folder, edge) && own == theirs && !under(s.dir(), edge) {
			return "edges never import each other"
		}
	}
	for _, b := range barred {
		except := func(folder string) bool { return under(s.dir(), folder) }
		if !under(s.dir(), b.from) || slices.ContainsFunc(b.except, except) {
			continue
		}
		for _, to := range b.to {
			if under(folder, to) {
				return b.why
			}
		}
	}
	return ""
}

// homes say which folders may import a library.
var homes = []struct {
	library string
	folders []string
	exact   bool // the folders themselves and not those below
	tests   bool // and every test
}{
	{"github.com/moov-io/iso8583", []string{"iso"}, true, false},
	{"net/http", []string{"cmd", "internal/node", "api", "checkout", "console", "simulator", "loadtest", "internal/scrape", "internal/stage", "internal/endtoend"}, false, false},
	{"github.com/prometheus/common/expfmt", []string{"internal/scrape"}, true, true},
	{"github.com/prometheus/client_golang/prometheus/promhttp", []string{"internal/node", "api"}, false, false},
	{"github.com/testcontainers", []string{"internal/testdb/container"}, true, false},
	{"github.com/pressly/goose", []string{"migrations"}, true, false},
	{"database/sql", nil, false, false},
	{"github.com/jackc/pgx", []string{"internal/postgres", "internal/pgserver", "internal/relay", "internal/rowcopy", "internal/testdb", "migrations", "registry", "tariffs", "ledger", "security",
		"switch", "reconciliation", "settlement", "reports", "loadtest", "cmd", "internal/node", "internal/threeway", "internal/endtoend"}, false, false},
	{"math/rand", nil, false, true},
	{"unsafe", nil, false, false},
}

func libraries(s source) []string {
	var findings []string
	for _, path := range s.imports() {
		for _, home := range homes {
			if !under(path, home.library) || s.test() && home.tests || path == "math/rand/v2" {
				continue
			}
			allowed := false
			for _, folder := range home.folders {
				allowed = allowed || s.dir() == folder || !home.exact && under(s.dir(), folder)
			}
			if !allowed {
				findings = append(findings, fmt.Sprintf("imports %s, which belongs to %v", path, home.folders))
			}
		}
	}
	return findings
}

// statement recognises SQL in a string, by the words that begin a statement.
var statement = regexp.MustCompile(`(?s)^["` + "`" + `]\s*(SELECT|INSERT|UPDATE|DELETE|WITH|COPY|SET|LOCK|CREATE|ALTER|DROP|GRANT|BEGIN|COMMIT)\b`)

// databaseBesideSQL keeps pgx out of files that merely hand a connection on: they use an interface of their own.
func databaseBesideSQL(s source) []string {
	if s.test() || under(s.dir(), "internal/postgres") {
		return nil
	}
	uses := false
	for _, path := range s.imports() {
		// pgconn's errors and pgtype's values are about what SQL elsewhere does.
		uses = uses || path == "github.com/jackc/pgx/v5" || path == "github.com/jackc/pgx/v5/pgxpool"
	}
	if !uses {
		return nil
	}
	holds := false
	ast.Inspect(s.file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		holds = holds || ok && statement.MatchString(literal.Value)
		return true
	})
	if holds {
		return nil
	}
	return []string{"imports pgx but holds no SQL"}
}

// environment keeps configuration in one place. Tests have no flags, so the packages that find their database may look.
func environment(s source) []string {
	if under(s.dir(), "cmd") || s.dir() == "internal/testdb" || s.dir() == "internal/endtoend" {
		return nil
	}
	var findings []string
	for _, use := range uses(s, "os", "Getenv", "LookupEnv", "Environ", "ExpandEnv") {
		findings = append(findings, use+" outside cmd")
	}
	return findings
}

// closings keeps the program from closing a business day past the guard of ledger.EndDay, which tests do.
func closings(s source) []string {
	if s.test() {
		return nil
	}
	return uses(s, "ledger", "CloseDay")
}
