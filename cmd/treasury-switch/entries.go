package main

import (
	"context"

	"treasury-switch/internal/node"
	"treasury-switch/internal/page"
	"treasury-switch/security/access"
)

// present reads something from the database and prints it: as JSON, or drawn for people.
func present[T any](ctx context.Context, a *app, read func(context.Context, node.Pool) (T, error), draw func(T)) error {
	return a.withDatabase(ctx, func(ctx context.Context, db node.Pool) error {
		found, err := read(ctx, db)
		if err != nil {
			return err
		}
		if a.globals.JSON {
			return a.printJSON(found)
		}
		draw(found)
		return nil
	})
}

// act is present for a change by a member of staff; it prints the result.
func act[T any](ctx context.Context, a *app, s as, do func(context.Context, node.Pool, access.By) (T, error), draw func(T)) error {
	by, err := s.by()
	if err != nil {
		return err
	}
	return present(ctx, a, func(ctx context.Context, db node.Pool) (T, error) {
		by.At = a.now()
		return do(ctx, db, by)
	}, draw)
}

// list is present for a page of a list; it also prints where the next page begins.
func list[T any](ctx context.Context, a *app, p paged, read func(context.Context, node.Pool, page.Request) (page.Listing[T], error),
	draw func([]T)) error {
	part, err := p.page()
	if err != nil {
		return err
	}
	return present(ctx, a, func(ctx context.Context, db node.Pool) (page.Listing[T], error) { return read(ctx, db, part) },
		func(l page.Listing[T]) {
			draw(l.Items)
			if l.Next != "" {
				a.say("More entries follow: --after %s", l.Next)
			}
		})
}

// only draws an entry as the only row of its table.
func only[T any](draw func([]T)) func(T) {
	return func(entry T) { draw([]T{entry}) }
}
