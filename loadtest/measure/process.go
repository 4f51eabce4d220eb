package measure

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU times in /proc: every Linux counts them in hundredths of a second there (USER_HZ).
const tick = 10 * time.Millisecond

// Usage is what a process has used: CPU since its start, memory now.
type Usage struct {
	CPU time.Duration
	RSS int64 // bytes
}

// Fields of /proc/PID/stat after the command's name, see proc(5).
const (
	statParent       = 1
	statUser         = 11
	statChildrenEnd  = 14 // user, system, and both of children that have ended and were waited for
	statShortestLine = 22
)

var errStat = errors.New("unreadable /proc/PID/stat")

// stat reads the parent and the CPU times of a process. With ended, those of its ended children are included.
func stat(pid int, ended bool) (parent int, cpu time.Duration, err error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < statShortestLine {
		return 0, 0, errStat
	}
	if parent, err = strconv.Atoi(fields[statParent]); err != nil {
		return 0, 0, errStat
	}
	until := statUser + 1
	if ended {
		until = statChildrenEnd
	}
	for _, field := range fields[statUser : until+1] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, 0, errStat
		}
		cpu += time.Duration(n) * tick
	}
	return parent, cpu, nil
}

// parent is the parent of a process.
func parent(pid int) (int, error) {
	parent, _, err := stat(pid, false)
	return parent, err
}

// Process reads the usage of one process.
func Process(pid int) (Usage, error) {
	_, cpu, err := stat(pid, false)
	if err != nil {
		return Usage{}, err
	}
	m, err := memoryOf(pid)
	return Usage{CPU: cpu, RSS: m.private + m.shared + m.files}, err
}

// Family reads the usage of a process and its children, such as PostgreSQL's postmaster with its backends. CPU of children that
// have ended is included. Shared memory, which every child shows as its own, is counted once.
func Family(pid int) (Usage, error) {
	_, cpu, err := stat(pid, true)
	if err != nil {
		return Usage{}, err
	}
	all, err := memoryOf(pid)
	if err != nil {
		return Usage{}, err
	}
	children, err := childrenOf(pid)
	if err != nil {
		return Usage{}, err
	}
	for _, child := range children {
		_, used, err := stat(child, true)
		m, gone := memoryOf(child)
		if err != nil || gone != nil {
			continue // It has ended; the next reading finds its time with the parent.
		}
		cpu += used
		all = memory{all.private + m.private, max(all.shared, m.shared), max(all.files, m.files)}
	}
	return Usage{CPU: cpu, RSS: all.private + all.shared + all.files}, nil
}

// childrenOf lists the children of a process, which its threads have started.
func childrenOf(pid int) ([]int, error) {
	files, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	if err != nil {
		return nil, err
	}
	var children []int
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // The thread has ended.
		}
		for _, word := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				children = append(children, child)
			}
		}
	}
	return children, nil
}

// memory is the resident memory of a process in bytes: its own, shared with others, and of files.
type memory struct{ private, shared, files int64 }

func memoryOf(pid int) (memory, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return memory{}, err
	}
	var m memory
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		into := map[string]*int64{"RssAnon": &m.private, "RssShmem": &m.shared, "RssFile": &m.files}[name]
		if into == nil {
			continue
		}
		kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return memory{}, err
		}
		*into = kilobytes << 10
	}
	return m, nil
}

// named reports whether a process runs a program of that name.
func named(pid int, name string) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	return err == nil && strings.TrimSpace(string(text)) == name
}
