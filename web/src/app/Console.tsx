// The console as a whole: its look, its answers, its routes.
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './console.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { whenSessionEnds } from '@/lib/api/client';
import { makeQueryClient } from '@/lib/questions';
import { sessionQuestion } from '@/lib/session';
import { makeRouter } from './router';
import { surfaces, theme } from './theme';

const queryClient = makeQueryClient();
const router = makeRouter(queryClient);

whenSessionEnds(() => {
  // The member stays known, so that the page behind the question keeps what was typed into it.
  queryClient.setQueryData(sessionQuestion.queryKey, (known) => known && { ...known, signedIn: false });
});

export function Console() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" cssVariablesResolver={surfaces}>
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
