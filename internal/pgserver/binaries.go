package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// errNoBinaries: this machine has no PostgreSQL server program. The text tells what to do.
var errNoBinaries = errors.New("no PostgreSQL server found in /usr/lib/postgresql/*/bin or PATH: " +
	"run `apt-get install postgresql` as root, or set DATABASE_URL to a PostgreSQL of your own")

// oldestMajor is the oldest major version that the migrations are tried on.
const oldestMajor = 15

// debianBinaries is where Debian and Ubuntu install each major version's server programs.
const debianBinaries = "/usr/lib/postgresql/*/bin"

// binaries names one installation of the server programs.
type binaries struct {
	dir   string // the folder that holds initdb and postgres
	major int    // 15 for PostgreSQL 15.x
}

// findBinaries returns the installation to use: the one whose major version is want (a data folder can be opened only by
// the version that made it), or the newest where want is zero.
func findBinaries(want int) (binaries, error) {
	found := installed()
	if len(found) == 0 {
		return binaries{}, errNoBinaries
	}
	for _, b := range found {
		if want == 0 || b.major == want {
			return b, b.check()
		}
	}
	return binaries{}, fmt.Errorf("the data were made by PostgreSQL %d, but only %s is installed: "+
		"install version %d, or move the data folder away to begin anew", want, found, want)
}

// installed lists what the machine has, newest first; the folder found through PATH comes last.
func installed() []binaries {
	dirs, _ := filepath.Glob(debianBinaries) // The pattern is a constant and correct.
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	var found []binaries
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
			continue
		}
		if major := majorOf(filepath.Join(dir, "postgres")); major > 0 {
			found = append(found, binaries{dir: dir, major: major})
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].major > found[j].major })
	return found
}

// majorOf asks a postgres program for its major version; zero when it cannot be run.
func majorOf(program string) int {
	out, err := exec.Command(program, "--version").Output()
	if err != nil {
		return 0
	}
	return parseMajor(string(out))
}

// parseMajor reads "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)" as 15; zero when it is something else.
func parseMajor(version string) int {
	_, rest, ok := strings.Cut(version, "(PostgreSQL) ")
	if !ok {
		return 0
	}
	digits := strings.FieldsFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0
	}
	major, err := strconv.Atoi(digits[0])
	if err != nil {
		return 0
	}
	return major
}

func (b binaries) check() error {
	if b.major < oldestMajor {
		return fmt.Errorf("PostgreSQL %d in %s is too old: version %d or newer is needed", b.major, b.dir, oldestMajor)
	}
	return nil
}

// String names the installation for people.
func (b binaries) String() string { return fmt.Sprintf("PostgreSQL %d (%s)", b.major, b.dir) }

func (b binaries) program(name string) string { return filepath.Join(b.dir, name) }
