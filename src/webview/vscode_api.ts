// The panel's only door: messages to and from the extension, and the state that VS Code keeps while the panel is hidden or the window reloads.
import type { FromPanel, ToPanel } from '../charts/panel_messages';
import { inOrder, type Sorting } from '../charts/event_list';
import type { Window } from '../charts/chart';

interface VsCodeApi { postMessage(message: unknown): void; getState(): unknown; setState(state: unknown): void }
declare function acquireVsCodeApi(): VsCodeApi;

/** How the person has set the panel. */
export interface PanelState {
  tab: string;
  filter: string;
  showsAll: boolean;
  sorting: Sorting;
  /** The run that window and selection belong to. */
  run: string;
  window: Window | null;
  selected: number | null;
  areTablesOpen: boolean;
}

const fresh: PanelState = { tab: 'calls', filter: '', showsAll: false, sorting: inOrder, run: '', window: null, selected: null, areTablesOpen: false };

const api = acquireVsCodeApi();

export function post(message: FromPanel): void { api.postMessage(message); }

export function onMessage(listener: (message: ToPanel) => void): void {
  window.addEventListener('message', (event: MessageEvent<ToPanel>) => listener(event.data));
}

export function loadState(): PanelState { return { ...fresh, ...api.getState() as Partial<PanelState> | undefined }; }
export function saveState(state: PanelState): void { api.setState(state); }
