package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

//go:embed slowdisk/slowdisk.c
var slowdiskSource []byte

// errNoCompiler names what the slow disk needs.
const errNoCompiler = "the slow disk needs a C compiler, which compiles the forty lines before fdatasync: run " +
	"`apt-get install -y gcc libc6-dev` as root, or choose the other steps by --only"

// buildSlowdisk compiles the library that makes flushes of the write-ahead log slower, into a folder that user postgres can
// reach, and returns its path.
func buildSlowdisk(ctx context.Context, folder string) (string, error) {
	compiler, err := exec.LookPath("cc")
	if err != nil {
		return "", fmt.Errorf(errNoCompiler+": %w", err)
	}
	library := filepath.Join(folder, "slowdisk.so")
	cmd := exec.CommandContext(ctx, compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-x", "c", "-", "-o", library, "-ldl")
	cmd.Stdin = bytes.NewReader(slowdiskSource)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf(errNoCompiler+": %w\n%s", err, out)
	}
	if err := os.Chmod(library, 0o755); err != nil {
		return "", fmt.Errorf("open the slow disk to user postgres: %w", err)
	}
	return library, nil
}

// slowdiskEnvironment is the environment in which each flush of a server's log takes that much longer.
func slowdiskEnvironment(library string, delay time.Duration) []string {
	return []string{"LD_PRELOAD=" + library, "SLOWDISK_US=" + strconv.FormatInt(delay.Microseconds(), 10)}
}
