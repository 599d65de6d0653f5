// Short news about what has just been done, shown in a corner and read out.
import { notifications } from '@mantine/notifications';
import { messageOf } from './api/errors';

export function tellDone(message: string): void {
  notifications.show({ message, color: 'teal', autoClose: 4000 });
}

export function tellFailure(doing: string, error: unknown): void {
  notifications.show({ title: `Could not ${doing}`, message: messageOf(error), color: 'red', autoClose: 10_000 });
}
