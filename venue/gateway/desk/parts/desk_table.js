// A table with buttons in its rows. Shows what it is given; emits press with button and row.
export default {
  template: `
    <div class="desk-scroll" tabindex="0" role="region" :aria-label="caption">
      <table class="desk-table" :id="name" :data-rows="shown.length">
        <caption class="desk-hidden">{{ caption }}</caption>
        <thead><tr>
          <th v-for="column in columns" :key="column.key" scope="col" :class="{number: column.is_number}">{{ column.title }}</th>
          <th v-if="buttons.length" scope="col"><span class="desk-hidden">Actions</span></th>
        </tr></thead>
        <tbody>
          <tr v-for="row in shown" :key="row.id" :data-id="row.id" :data-kind="row.kind">
            <td v-for="column in columns" :key="column.key" :class="{number: column.is_number}" :data-key="column.key">{{ row[column.key] }}</td>
            <td v-if="buttons.length" class="desk-buttons">
              <template v-for="button in buttons" :key="button.name">
                <button v-if="!row['no_' + button.name]" type="button" class="desk-small" :data-press="button.name"
                  :aria-label="button.title + ' ' + (row.label || row.id)"
                  @click="$emit('press', button.name, row.id)">{{ button.title }}</button>
              </template>
            </td>
          </tr>
          <tr v-if="!shown.length"><td class="desk-empty" :colspan="columns.length + (buttons.length ? 1 : 0)">{{ empty }}</td></tr>
        </tbody>
      </table>
    </div>`,
  emits: ["press"],
  props: { name: String, caption: String, columns: Array, buttons: Array, empty: String },
  data() {
    return { shown: [] };
  },
  methods: {
    show(rows) {
      this.shown = rows;
    },
  },
};
