// VS Code's colours as a chart's theme. Read anew when the person changes the theme.
import { STATES, type State, type Theme } from '../charts/theme';

type Rgb = [number, number, number];

/** Any CSS colour; half-transparent ones as they look upon `under`. */
function parse(css: string, under: Rgb): Rgb | undefined {
  const context = document.createElement('canvas').getContext('2d');
  if (!context || css === '') return undefined;
  context.fillStyle = '#010203';
  context.fillStyle = css;
  const text = context.fillStyle;
  if (text === '#010203') return undefined;
  const hex = /^#(..)(..)(..)$/.exec(text);
  if (hex) return [1, 2, 3].map(i => parseInt(hex[i] ?? '0', 16)) as Rgb;
  const [r = 0, g = 0, b = 0, a = 1] = (/\((.*)\)/.exec(text)?.[1] ?? '').split(/[\s,/]+/).map(Number);
  return mix([r, g, b], under, a);
}

const mix = (a: Rgb, b: Rgb, part: number): Rgb => a.map((v, i) => Math.round(v * part + (b[i] ?? 0) * (1 - part))) as Rgb;
const css = ([r, g, b]: Rgb): string => `#${[r, g, b].map(v => v.toString(16).padStart(2, '0')).join('')}`;

/** WCAG 2: relative luminance and contrast. */
const luminance = (rgb: Rgb): number => rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * ([0.2126, 0.7152, 0.0722][i] ?? 0), 0);
const contrast = (a: Rgb, b: Rgb): number => { const [x, y] = [luminance(a), luminance(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(`--vscode-${name}`).trim();
  const isDark = document.body.classList.contains('vscode-dark') || document.body.classList.contains('vscode-high-contrast') && !document.body.classList.contains('vscode-high-contrast-light');
  const isContrast = document.body.classList.contains('vscode-high-contrast') || document.body.classList.contains('vscode-high-contrast-light');
  const background = parse(value('editor-background'), [0, 0, 0]) ?? (isDark ? [30, 30, 30] : [255, 255, 255]);
  const colour = (fallback: Rgb, ...names: string[]): Rgb => names.map(name => parse(value(name), background)).find(rgb => rgb !== undefined) ?? fallback;
  const foreground = colour(isDark ? [204, 204, 204] : [60, 60, 60], 'editor-foreground', 'foreground');
  const blue = colour(isDark ? [55, 148, 255] : [26, 100, 180], 'charts-blue');
  const muted = isContrast ? foreground : colour(mix(foreground, background, 0.7), 'descriptionForeground');
  const kernel = isDark ? mix(blue, background, 0.85) : mix(blue, [0, 0, 60], 0.85);
  const states: Record<State, Rgb> = {
    user: mix(blue, background, isContrast ? 0.35 : 0.28), kernel, vdso: colour([56, 160, 80], 'charts-green'), fault: colour([209, 134, 22], 'charts-orange'),
    waiting: mix(colour([180, 128, 215], 'charts-purple'), background, 0.3), blocked: mix(foreground, background, isContrast ? 0.25 : 0.1),
  };
  const readable = (on: Rgb): Rgb => [foreground, background, [255, 255, 255] as Rgb, [0, 0, 0] as Rgb].reduce((best, next) => contrast(next, on) > contrast(best, on) + (contrast(best, on) >= 4.5 ? 99 : 0) ? next : best);
  const edge = value('contrastBorder');
  return {
    background: css(background), foreground: css(foreground), muted: css(muted), line: css(mix(foreground, background, isContrast ? 0.35 : 0.12)), edge: isContrast ? css(parse(edge, background) ?? foreground) : null,
    accent: css(colour(blue, 'focusBorder')), cursor: css(colour([200, 160, 0], 'charts-yellow', 'editorWarning-foreground')), error: css(colour([220, 60, 60], 'errorForeground', 'charts-red')),
    states: Object.fromEntries(STATES.map(state => [state, css(states[state])])) as Record<State, string>, on: Object.fromEntries(STATES.map(state => [state, css(readable(states[state]))])) as Record<State, string>,
    font: quoted(value('font-family') || 'system-ui, sans-serif'), mono: quoted(value('editor-font-family') || 'monospace'), fontSize: Math.max(11, Math.min(15, parseFloat(value('font-size')) || 13)) - 1,
  };
}

/** For SVG attributes: no double quotes. */
const quoted = (family: string): string => family.replace(/"/g, "'");

/** Calls when the theme or the font has changed. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}
