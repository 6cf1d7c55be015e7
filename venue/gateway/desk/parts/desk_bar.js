// The ladder's bar: how much a click enters, armed or not, and buttons. Emits set(quantity, armed), press(name).
export default {
  template: `
    <div class="desk-bar" role="group" aria-label="Ladder">
      <label><span>A click enters</span>
        <input id="ladder-quantity" inputmode="decimal" autocomplete="off" v-model.trim="quantity" @input="tell"></label>
      <label class="desk-check"><input type="checkbox" id="armed" v-model="armed" @change="tell"><span>Armed: no question before an order</span></label>
      <div class="desk-buttons">
        <button v-for="[name, title] in buttons" :key="name" type="button" class="desk-button" :id="'press-' + name"
          @click="$emit('press', name)">{{ title }}</button>
      </div>
    </div>`,
  emits: ["set", "press"],
  props: { first: String },
  data() {
    return {
      quantity: this.first,
      armed: false,
      buttons: [["buys", "Cancel buys"], ["sells", "Cancel sells"], ["all", "Cancel all"], ["centre", "Recentre"]],
    };
  },
  methods: {
    tell() {
      this.$emit("set", this.quantity, this.armed);
    },
  },
};
