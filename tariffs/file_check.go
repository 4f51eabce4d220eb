package tariffs

import (
	"errors"
	"fmt"
)

// placed is a version of a file, with the line of its service.
type placed struct {
	Version
	file string
	line int
}

// CheckFiles reads the tariffs of files and makes them ready to hold beside each
// other: an open one ends where the next of its service begins. All that is
// wrong is told at once, also what keeps them from coming into force together,
// as fault.Invalid with FileFaults (errors.As); the versions of files without
// faults of their own are returned in any case. A file that cannot be read is
// fault.NotFound.
func CheckFiles(paths ...string) ([]Version, error) {
	var all []placed
	var faults FileFaults
	for _, path := range paths {
		text, err := readFile(path)
		if err != nil {
			return nil, err
		}
		found, some := parse(path, text)
		if faults = append(faults, some...); len(some) == 0 {
			all = append(all, found...)
		}
	}
	versions := versionsOf(all)
	named := func(place int) string {
		return fmt.Sprintf("the tariff from %s in %s", all[place].From.JalaliString(), all[place].file)
	}
	for _, c := range fit(versions, named) {
		v := &all[c.of]
		faults = append(faults, FileFault{v.file, v.line, fmt.Sprintf("%s from %s: %s", v.Service, v.From.JalaliString(), c.text)})
	}
	return versions, faults.asError()
}

// SetOfFiles is a set of the tariffs of files, if CheckFiles finds nothing wrong
// with them.
func SetOfFiles(paths ...string) (*Set, error) {
	versions, err := CheckFiles(paths...)
	if err != nil {
		return nil, err
	}
	return NewSet(versions)
}

func versionsOf(all []placed) []Version {
	versions := make([]Version, len(all))
	for i := range all {
		versions[i] = all[i].Version
	}
	return versions
}

// ParseFiles reads several files and tells the faults of all of them at once. It
// does not ask whether their tariffs can hold beside each other.
func ParseFiles(paths ...string) ([]Version, error) {
	var versions []Version
	var faults FileFaults
	for _, path := range paths {
		found, err := parseFile(path)
		var some FileFaults
		switch {
		case errors.As(err, &some):
			faults = append(faults, some...)
		case err != nil:
			return nil, err
		}
		versions = append(versions, found...)
	}
	if err := faults.asError(); err != nil {
		return nil, err
	}
	return versions, nil
}
