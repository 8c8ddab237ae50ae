import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { FieldProps } from './field-props.js';
import { PerLayerField } from './per-layer-field.js';
import { ScalarInput } from './scalar-input.js';
import { kindOf, type membersOf } from './schema-kind.js';
import { withOption } from './steps.js';

/** One option as a field, made from its schema. */
export function OptionField(props: FieldProps): JSX.Element {
  const { name, schema, value, onChange } = props;
  const id = useId();
  const shown = value === undefined ? schema['default'] : value;
  const about = typeof schema['description'] === 'string' ? schema['description'] : '';
  const kind = kindOf(schema);
  switch (kind.kind) {
    case 'group':
      return <GroupField {...props} members={kind.members} />;
    case 'nullable':
      return (
        <div class="field">
          <label class="field-check">
            <input
              type="checkbox"
              checked={shown !== null}
              onChange={({ currentTarget }) => onChange(currentTarget.checked ? kind.first : null)}
            />
            <span>{name}</span>
          </label>
          <p class="hint">{about}</p>
          {shown !== null && (
            <div class="field-inner">
              <OptionField name={name} schema={kind.inner} value={shown} onChange={onChange} />
            </div>
          )}
        </div>
      );
    case 'per-layer':
      return <PerLayerField {...props} inner={kind.inner} about={about} />;
    case 'boolean':
      return (
        <div class="field">
          <label class="field-check">
            <input
              type="checkbox"
              checked={shown === true}
              onChange={({ currentTarget }) => onChange(currentTarget.checked)}
            />
            <span>{name}</span>
          </label>
          <p class="hint">{about}</p>
        </div>
      );
    default:
      return (
        <div class="field">
          <label class="field-name" for={id}>
            {name}
          </label>
          <ScalarInput id={id} schema={schema} value={shown} onChange={onChange} />
          <p class="hint">{about}</p>
        </div>
      );
  }
}

function GroupField({
  name,
  value,
  onChange,
  members,
}: FieldProps & { readonly members: ReturnType<typeof membersOf> }): JSX.Element {
  const given =
    typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}; // a group's value
  return (
    <fieldset class="field-group">
      <legend class="visually-hidden">{name}</legend>
      {members.map(([key, schema]) => (
        <OptionField
          key={key}
          name={key}
          schema={schema}
          value={given[key]}
          onChange={(next) => onChange(withOption(given, key, next, schema['default']))}
        />
      ))}
    </fieldset>
  );
}
