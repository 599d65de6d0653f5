// Where the console begins.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Console } from './app/Console';

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Console />
  </StrictMode>,
);
