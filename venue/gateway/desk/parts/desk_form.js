// A form of labelled fields. Emits enter with what is filled in, by field.
export default {
  template: `
    <form class="desk-fields" :id="name" @submit.prevent="$emit('enter', { ...values })" novalidate>
      <label v-for="field in fields" :key="field.name" :class="{ 'desk-check': field.type === 'checkbox' }"><span>{{ field.title }}</span>
        <input v-if="field.type === 'checkbox'" type="checkbox" :id="name + '-' + field.name" v-model="values[field.name]">
        <input v-else :type="field.type" :id="name + '-' + field.name" :autocomplete="field.autocomplete"
          :inputmode="field.is_number ? 'decimal' : null" v-model.trim="values[field.name]"></label>
      <button type="submit" class="desk-button" :id="name + '-enter'">{{ button }}</button>
    </form>`,
  emits: ["enter"],
  props: { name: String, fields: Array, button: String },
  data() {
    return { values: this.empty() };
  },
  methods: {
    empty() {
      return Object.fromEntries(this.fields.map((field) => [field.name, field.type === "checkbox" ? false : ""]));
    },
    fill(values) {
      this.values = { ...this.empty(), ...values };
    },
  },
};
