// Package stage brings up everything that a demonstration or a load test needs as processes of their own: a durable
// PostgreSQL, the simulated card network, and the switch between them.
//
// The programs are the ones that are shipped; nothing of the switch runs inside the process that drives it, so that it can be
// killed, and so that its share of the machine can be told from the driver's.
package stage
