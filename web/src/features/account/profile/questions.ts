// The browsers in which one is signed in.
import { useQuery } from '@tanstack/react-query';
import { answered, api, type Schema } from '@/lib/api/client';

export type Browser = Schema<'BrowserRep'>;

export const useBrowsers = () =>
  useQuery({
    queryKey: ['browsers', null],
    queryFn: async () => (await answered(api.GET('/internal/sessions'))).items,
  });
