// A change in words: who did what to what, and the lines that say how.
import { Anchor, Code, List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { Entry } from './questions';
import { linesOf, type Span, spansOf } from './words';

/** "Ada turned on the flag New checkout in Production"; what was changed is a link where it has a page. */
export function Sentence({ entry }: { entry: Entry }) {
  const { subject, titleVerb, target, parent } = entry;
  const page = titleVerb.startsWith('deleted') ? undefined : target._links.site?.href;
  const name = target.name || 'something';
  return (
    <>
      <b>{subject.name}</b> {titleVerb} {page ? <PageLink to={page}>{name}</PageLink> : <b>{name}</b>}
      {parent && ` ${parent.resource.startsWith('member/') ? 'of' : 'in'} ${parent.name}`}
    </>
  );
}

export function Lines({ entry }: { entry: Entry }) {
  const lines = linesOf(entry.description, entry.titleVerb);
  if (lines.length === 0) return null;
  if (lines.length === 1) {
    return (
      <Text size="sm" component="div">
        <Line of={lines[0] as string} />
      </Text>
    );
  }
  return (
    <List size="sm" spacing={2}>
      {lines.map((line) => (
        <List.Item key={line}>
          <Line of={line} />
        </List.Item>
      ))}
    </List>
  );
}

function Line({ of }: { of: string }) {
  return spansOf(of).map((span, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the words of a line never change places
    <Fragment key={place}>
      <Words {...span} />
    </Fragment>
  ));
}

function Words({ text, isValue, isReplaced }: Span) {
  if (!isValue) return text;
  const value = <Code style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{text}</Code>;
  return isReplaced ? <del>{value}</del> : value;
}

function PageLink({ to, children }: { to: string; children: string }) {
  return (
    <Anchor component={Link} to={to} inherit fw={600} style={{ overflowWrap: 'anywhere' }}>
      {children}
    </Anchor>
  );
}
