// An order ticket: a form with what the API takes. Emits enter with the fields that are filled in.
const PRICED = ["limit", "stop_limit"];
const STOPPED = ["stop", "stop_limit"];

export default {
  template: `
    <form class="desk-ticket" id="ticket" @submit.prevent="enter" @keydown.esc="$event.target.blur()" :data-side="order.side" novalidate>
      <fieldset class="desk-sides"><legend class="desk-hidden">Side</legend>
        <label v-for="[side, title] in sides" :key="side" :class="side">
          <input type="radio" name="side" :value="side" v-model="order.side" :id="'side-' + side"><span>{{ title }}</span>
        </label>
      </fieldset>
      <label><span>Type</span>
        <select name="type" id="ticket-type" v-model="order.type">
          <option v-for="[type, title] in types" :key="type" :value="type">{{ title }}</option>
        </select></label>
      <label><span>Quantity</span>
        <input name="quantity" id="ticket-quantity" ref="quantity" inputmode="decimal" autocomplete="off" v-model.trim="order.quantity" v-bind="wrong('quantity')"></label>
      <label v-if="isPriced"><span>Price</span>
        <input name="price" id="ticket-price" inputmode="decimal" autocomplete="off" v-model.trim="order.price" v-bind="wrong('price')"
          @keydown.up.prevent="tick(1)" @keydown.down.prevent="tick(-1)"></label>
      <label v-if="isStopped"><span>Stop price</span>
        <input name="stop_price" id="ticket-stop-price" inputmode="decimal" autocomplete="off" v-model.trim="order.stop_price" v-bind="wrong('stop_price')"></label>
      <label><span>Time in force</span>
        <select name="time_in_force" id="ticket-time" v-model="order.time_in_force">
          <option v-for="[time, title] in times" :key="time" :value="time">{{ title }}</option>
        </select></label>
      <label v-if="order.time_in_force === 'gtd'"><span>Expire date</span>
        <input type="date" name="expire_date" id="ticket-expire" v-model="order.expire_date" v-bind="wrong('expire_date')"></label>
      <details class="desk-more">
        <summary>More terms</summary>
        <label class="desk-check"><input type="checkbox" name="post_only" id="ticket-post-only" v-model="order.post_only"><span>Post only</span></label>
        <label><span>Minimum quantity</span>
          <input name="minimum_quantity" id="ticket-minimum" inputmode="decimal" autocomplete="off" v-model.trim="order.minimum_quantity" v-bind="wrong('minimum_quantity')"></label>
        <label><span>Show at most (iceberg)</span>
          <input name="display_quantity" id="ticket-display" inputmode="decimal" autocomplete="off" v-model.trim="order.display_quantity" v-bind="wrong('display_quantity')"></label>
        <label><span>Account</span>
          <input name="account" id="ticket-account" autocomplete="off" v-model.trim="order.account" v-bind="wrong('account')"></label>
        <label><span>Your id</span>
          <input name="client_order_id" id="ticket-id" autocomplete="off" v-model.trim="order.client_order_id" v-bind="wrong('client_order_id')"></label>
      </details>
      <p class="desk-trouble" role="alert" v-if="trouble" id="ticket-trouble">{{ trouble }}</p>
      <button type="submit" class="desk-button desk-first" :class="order.side" id="ticket-enter">{{ words }}</button>
    </form>`,
  emits: ["enter"],
  props: { symbol: String, tick_size: String, quantity: String },
  data() {
    return {
      order: {
        side: "buy", type: "limit", quantity: this.quantity, price: "", stop_price: "", time_in_force: "day", expire_date: "",
        post_only: false, minimum_quantity: "", display_quantity: "", account: "", client_order_id: "",
      },
      field: "",
      trouble: "",
      sides: [["buy", "Buy"], ["sell", "Sell"], ["sell_short", "Sell short"]],
      types: [["limit", "Limit"], ["market", "Market"], ["stop", "Stop"], ["stop_limit", "Stop limit"], ["market_to_limit", "Market to limit"]],
      times: [["day", "Day"], ["gtc", "Good till cancel"], ["ioc", "Immediate or cancel"], ["fok", "Fill or kill"], ["gtd", "Good till date"]],
    };
  },
  computed: {
    isPriced() {
      return PRICED.includes(this.order.type);
    },
    isStopped() {
      return STOPPED.includes(this.order.type);
    },
    words() {
      const side = this.sides.find(([each]) => each === this.order.side)[1];
      return `${side} ${this.order.quantity || "?"} ${this.symbol}${this.isPriced && this.order.price ? " at " + this.order.price : ""}`;
    },
  },
  methods: {
    wrong(field) {
      return this.field === field ? { "aria-invalid": "true", "aria-describedby": "ticket-trouble" } : {};
    },
    enter() {
      this.field = this.trouble = "";
      const order = { ...this.order };
      if (!this.isPriced) order.price = "";
      if (!this.isStopped) order.stop_price = "";
      if (order.time_in_force !== "gtd") order.expire_date = "";
      for (const name of Object.keys(order)) if (order[name] === "" || order[name] === false) delete order[name];
      this.$emit("enter", order);
    },
    tick(steps) {
      // exact: prices are counted in units of the tick's last decimal
      const decimals = (this.tick_size.split(".")[1] || "").length;
      const units = (text) => {
        const [whole, rest = ""] = text.split(".");
        return BigInt(whole + rest.padEnd(decimals, "0").slice(0, decimals));
      };
      if (!/^\d+(\.\d+)?$/.test(this.order.price)) return;
      const next = units(this.order.price) + BigInt(steps) * units(this.tick_size);
      if (next <= 0n) return;
      const text = next.toString().padStart(decimals + 1, "0");
      this.order.price = decimals ? `${text.slice(0, -decimals)}.${text.slice(-decimals)}` : text;
    },
    fill(changes) {
      Object.assign(this.order, changes);
    },
    take(side) {
      // the keyboard's way in: side chosen, quantity ready to be typed over
      this.order.side = side;
      this.$nextTick(() => {
        this.$refs.quantity.focus();
        this.$refs.quantity.select();
      });
    },
    refuse(field, trouble) {
      this.field = field;
      this.trouble = trouble;
    },
  },
};
