// A table that holds thousands of rows: only those in view exist, and only their pages are loaded.
import { Box, Paper, Skeleton, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import classes from './DataTable.module.css';

export interface Column<Row> {
  key: string;
  header: string;
  /** A width in the words of CSS grids: `120px`, `minmax(200px, 2fr)`. */
  width: string;
  render: (row: Row) => ReactNode;
  /** The name by which rows can be sorted, where they can. */
  sort?: string;
  /** Left out on narrow screens. */
  wideOnly?: boolean;
  /** For columns whose header would only repeat what the cells say. */
  hideHeader?: boolean;
}

interface Props<Row> {
  /** What the rows are: "Flags". */
  label: string;
  columns: Column<Row>[];
  total: number;
  rowAt: (place: number) => Row | undefined;
  rowKey: (row: Row) => string;
  /** Told which rows are in view. */
  onShow?: (first: number, last: number) => void;
  /** A column's sort name, with a leading minus for descending. */
  sort?: string;
  onSort?: (sort: string) => void;
  rowHeight?: number;
}

export function DataTable<Row>(props: Props<Row>) {
  const { label, columns, total, rowAt, rowKey, onShow, sort, onSort, rowHeight = 56 } = props;
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => setMargin(body.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({ count: total, estimateSize: () => rowHeight, overscan: 8, scrollMargin: margin });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onShow?.(first, last), [onShow, first, last]);
  const template = {
    '--columns': columns.map((each) => each.width).join(' '),
    '--columns-narrow': columns
      .filter((each) => !each.wideOnly)
      .map((each) => each.width)
      .join(' '),
  } as React.CSSProperties;

  return (
    <Paper withBorder radius="md" className={classes.frame}>
      <div role="table" aria-label={label} aria-rowcount={total + 1} style={template}>
        <div role="rowgroup" className={classes.head}>
          <div role="row" aria-rowindex={1} className={classes.row}>
            {columns.map((column) => (
              <Header key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </div>
        </div>
        <div role="rowgroup" ref={body} style={{ position: 'relative', height: rows.getTotalSize() }}>
          {items.map((item) => {
            const row = rowAt(item.index);
            return (
              <Line
                key={row ? rowKey(row) : `awaited ${item.index}`}
                row={row}
                columns={columns as Column<unknown>[]}
                place={item.index}
                top={item.start - margin}
                height={rowHeight}
                measure={rows.measureElement}
              />
            );
          })}
        </div>
      </div>
    </Paper>
  );
}

interface LineProps {
  row: unknown;
  columns: Column<unknown>[];
  place: number;
  top: number;
  height: number;
  measure: (element: HTMLElement | null) => void;
}

/** One row; scrolling draws only those anew that come into view. */
const Line = memo(function Line({ row, columns, place, top, height, measure }: LineProps) {
  return (
    <div
      role="row"
      aria-rowindex={place + 2}
      data-index={place}
      ref={measure}
      className={`${classes.row} ${classes.line}`}
      style={{ transform: `translateY(${top}px)`, minHeight: height }}
    >
      {columns.map((column) => (
        <div key={column.key} role="cell" className={classes.cell} data-wide-only={column.wideOnly}>
          {row ? column.render(row) : <Skeleton height={14} width="70%" />}
        </div>
      ))}
    </div>
  );
});

type HeaderProps<Row> = { column: Column<Row>; sort?: string; onSort?: (sort: string) => void };

function Header<Row>({ column, sort, onSort }: HeaderProps<Row>) {
  const isAscending = column.sort !== undefined && sort === column.sort;
  const isDescending = column.sort !== undefined && sort === `-${column.sort}`;
  const direction = isAscending ? 'ascending' : isDescending ? 'descending' : undefined;
  const label = (
    <Text size="xs" fw={600} className={column.hideHeader ? 'visually-hidden' : undefined}>
      {column.header}
    </Text>
  );
  return (
    <div role="columnheader" aria-sort={direction} className={classes.cell} data-wide-only={column.wideOnly}>
      {column.sort && onSort ? (
        <UnstyledButton
          className={classes.sorter}
          onClick={() => onSort(isAscending ? `-${column.sort}` : (column.sort as string))}
        >
          {label}
          <Box component="span" aria-hidden w={14} h={14}>
            {isAscending && <IconArrowUp size={14} />}
            {isDescending && <IconArrowDown size={14} />}
          </Box>
        </UnstyledButton>
      ) : (
        label
      )}
    </div>
  );
}
