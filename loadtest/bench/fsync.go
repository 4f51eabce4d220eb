package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"treasury-switch/internal/postgres"
)

// blockSize is how much PostgreSQL writes to its log at least.
const blockSize = 8192

// measureFsync is the median time in microseconds that a disk takes to make a block durable: a write of 8 kB over what is
// there and fdatasync, as PostgreSQL commits. The file lies in the data folder, on the disk of everything else.
func measureFsync(ctx context.Context, folder string, rounds int) (float64, error) {
	path := filepath.Join(folder, "fsync.probe")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, fmt.Errorf("measure fsync in the data folder: %w", err)
	}
	defer os.Remove(path)
	defer file.Close()
	block := make([]byte, blockSize)
	const blocks = 256 // written before and flushed, as PostgreSQL's log files are made before they are used
	if _, err := file.Write(make([]byte, blocks*blockSize)); err != nil {
		return 0, fmt.Errorf("measure fsync: %w", err)
	}
	if err := file.Sync(); err != nil {
		return 0, fmt.Errorf("measure fsync: %w", err)
	}
	times := make([]float64, 0, rounds)
	for i := range rounds {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		block[0]++
		began := time.Now()
		if _, err := file.WriteAt(block, int64(i%blocks)*blockSize); err != nil {
			return 0, fmt.Errorf("measure fsync: %w", err)
		}
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			return 0, fmt.Errorf("measure fsync: %w", err)
		}
		times = append(times, microseconds(time.Since(began)))
	}
	return median(times), nil
}

// measureCommit is the median time in microseconds of the smallest transaction that must reach the disk, from a client on
// this machine. With the slow disk it shows that the delay bites.
func measureCommit(ctx context.Context, address string, rounds int) (float64, error) {
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS commit_probe (n int)"); err != nil {
		return 0, fmt.Errorf("measure a commit: %w", err)
	}
	times := make([]float64, 0, rounds)
	for i := range rounds {
		began := time.Now()
		if _, err := conn.Exec(ctx, "INSERT INTO commit_probe VALUES ($1)", i); err != nil {
			return 0, fmt.Errorf("measure a commit: %w", err)
		}
		times = append(times, microseconds(time.Since(began)))
	}
	return median(times), nil
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
