// Something a person can do: where they cannot, it stays in reach of the keyboard and says why.
import { Button, type ButtonProps, Menu, type MenuItemProps, Switch, type SwitchProps, Tooltip } from '@mantine/core';
import { type MouseEvent, type ReactNode, useId } from 'react';
import { type Deed, useMay, type Verdict } from '@/lib/may';

interface Permission {
  /** What the policy must allow. */
  may?: Deed;
  /** Any other reason why this cannot be done now. */
  disabledBecause?: string | false | undefined;
}

function useReason({ may, disabledBecause }: Permission): string | undefined {
  const verdict: Verdict = useMay(may);
  if (disabledBecause) return disabledBecause;
  return verdict.allowed ? undefined : (verdict.reason ?? 'Your role does not allow this');
}

type ActProps = ButtonProps &
  Permission & {
    onClick?: (event: MouseEvent<HTMLButtonElement>) => void;
    type?: 'button' | 'submit';
    form?: string;
    'aria-label'?: string;
    children: ReactNode;
  };

/** A button. */
export function Act({ may, disabledBecause, onClick, type = 'button', children, ...more }: ActProps) {
  const reason = useReason({ may, disabledBecause });
  const told = useId();
  if (!reason) {
    return (
      <Button type={type} onClick={onClick} {...more}>
        {children}
      </Button>
    );
  }
  return (
    <Tooltip label={reason} multiline maw={320} withinPortal events={{ hover: true, focus: true, touch: true }}>
      <Button
        {...more}
        type="button"
        aria-disabled
        data-disabled
        aria-describedby={told}
        onClick={(event) => event.preventDefault()}
      >
        {children}
        <span id={told} hidden>
          {reason}
        </span>
      </Button>
    </Tooltip>
  );
}

type ActSwitchProps = Omit<SwitchProps, 'onChange'> & Permission & { onChange: (on: boolean) => void; label?: string };

/** A switch. */
export function ActSwitch({ may, disabledBecause, onChange, ...more }: ActSwitchProps) {
  const reason = useReason({ may, disabledBecause });
  const told = useId();
  const control = (
    <Switch
      {...more}
      aria-disabled={reason ? true : undefined}
      aria-describedby={reason ? told : undefined}
      style={{ ...(typeof more.style === 'object' ? more.style : {}), opacity: reason ? 0.65 : undefined }}
      onChange={(event) => !reason && onChange(event.currentTarget.checked)}
    />
  );
  if (!reason) return control;
  return (
    <Tooltip label={reason} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      <div style={{ display: 'inline-block' }}>
        {control}
        <span id={told} hidden>
          {reason}
        </span>
      </div>
    </Tooltip>
  );
}

type ActItemProps = MenuItemProps & Permission & { onClick: () => void; children: ReactNode };

/** An entry of a menu; one that cannot be done says why below its name. */
export function ActItem({ may, disabledBecause, onClick, children, ...more }: ActItemProps) {
  const reason = useReason({ may, disabledBecause });
  return (
    <Menu.Item {...more} aria-disabled={reason ? true : undefined} onClick={() => !reason && onClick()} maw={300}>
      {children}
      {reason && <div style={{ fontSize: 'var(--mantine-font-size-xs)', opacity: 0.8 }}>{reason}</div>}
    </Menu.Item>
  );
}
