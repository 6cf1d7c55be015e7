// A form with a few fields in a row. Emits act with all values when it is sent, and change while they are typed.
export default {
  template: `
    <form class="desk-act" :id="name" :aria-label="title" @submit.prevent="$emit('act', { ...values })" autocomplete="off">
      <label v-for="field in shown" :key="field.name" class="desk-act-field">
        <span>{{ field.title }}</span>
        <select v-if="field.choices.length" v-model="values[field.name]" :name="field.name" :id="name + '-' + field.name" @change="tell">
          <option v-for="choice in field.choices" :key="choice" :value="choice">{{ choice || "any" }}</option>
        </select>
        <input v-else v-model.trim="values[field.name]" :name="field.name" :id="name + '-' + field.name" :type="field.kind"
          :required="field.is_needed" :autocomplete="field.kind === 'password' ? 'new-password' : undefined" @input="tell">
      </label>
      <button v-if="button" type="submit" class="desk-button" :id="name + '-send'">{{ button }}</button>
    </form>`,
  props: { name: String, title: String, fields: Array, button: String },
  data() {
    return { shown: this.fields, values: Object.fromEntries(this.fields.map((field) => [field.name, field.value])) };
  },
  methods: {
    tell() {
      this.$emit("change", { ...this.values });
    },
    fill(values) {
      Object.assign(this.values, values);
    },
    offer(name, choices) {
      // the choice that was made stays, where it still is one
      this.shown = this.shown.map((field) => (field.name === name ? { ...field, choices } : field));
      if (choices.length && !choices.includes(this.values[name])) this.values[name] = choices[0];
      this.tell();
    },
  },
};
