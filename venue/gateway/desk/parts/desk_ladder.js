// A ladder of prices. Shows the rows it is given; emits what the user wants done at a price.
// enter(side, price), cancel(order), move(order, price), recentre().
const PAGE = 10;

export default {
  template: `
    <div class="desk-ladder-box">
      <div class="desk-scroll desk-ladder-scroll" :class="{ picked: picked }" tabindex="0" role="group" ref="box"
        :aria-label="label" :aria-activedescendant="cursor ? rowId(cursor) : null" @keydown="key" @focus="begin">
        <table class="desk-ladder" id="ladder" :data-symbol="told.symbol" :data-sequence="told.sequence"
          :data-checksum="told.checksum" :data-stale="told.stale" :data-rows="told.rows.length" :data-frames="frames">
          <caption class="desk-hidden">{{ label }}</caption>
          <thead><tr>
            <th scope="col" v-if="trades">My buys</th><th scope="col" class="number depth">Depth</th>
            <th scope="col" class="number">Bid</th><th scope="col" class="number">Price</th>
            <th scope="col" class="number">Ask</th><th scope="col" class="number depth">Depth</th>
            <th scope="col" v-if="trades">My sells</th>
          </tr></thead>
          <tbody>
            <tr v-for="row in told.rows" :key="row.price" :id="rowId(row.price)" :data-price="row.price"
              :class="{ last: row.is_last, best: row.is_best, cursor: row.price === cursor }">
              <td v-if="trades" class="own">
                <button v-for="[order, remaining] in row.buys" :key="order" type="button" tabindex="-1" class="desk-own buy"
                  :class="{ picked: order === picked }" :data-order="order" :title="ownTitle"
                  :aria-label="'My buy of ' + remaining + ' at ' + row.price" draggable="true"
                  @dragstart="picked = order" @dragend="picked = ''" @click.stop="own($event, order)">{{ remaining }}</button>
              </td>
              <td class="number depth">{{ row.bid_depth }}</td>
              <td class="number bid" data-side="buy" :title="row.bid_orders ? row.bid_orders + ' orders' : null"
                @click="at('buy', row.price)" @dragover.prevent @drop.prevent="drop(row.price)">{{ row.bid }}</td>
              <td class="number price" @click="at('', row.price)" @dragover.prevent @drop.prevent="drop(row.price)">{{ row.price }}<span
                v-if="row.is_last" class="desk-hidden"> last</span></td>
              <td class="number ask" data-side="sell" :title="row.ask_orders ? row.ask_orders + ' orders' : null"
                @click="at('sell', row.price)" @dragover.prevent @drop.prevent="drop(row.price)">{{ row.ask }}</td>
              <td class="number depth">{{ row.ask_depth }}</td>
              <td v-if="trades" class="own">
                <button v-for="[order, remaining] in row.sells" :key="order" type="button" tabindex="-1" class="desk-own sell"
                  :class="{ picked: order === picked }" :data-order="order" :title="ownTitle"
                  :aria-label="'My sell of ' + remaining + ' at ' + row.price" draggable="true"
                  @dragstart="picked = order" @dragend="picked = ''" @click.stop="own($event, order)">{{ remaining }}</button>
              </td>
            </tr>
            <tr v-if="!told.rows.length"><td class="desk-empty" :colspan="trades ? 7 : 5">No price is known yet.</td></tr>
          </tbody>
        </table>
      </div>
      <p class="desk-hint" v-if="picked" id="picked">An order is picked up: choose its new price, or press Escape.</p>
    </div>`,
  emits: ["enter", "cancel", "move", "recentre"],
  props: { label: String, trades: Boolean, first: Object },
  data() {
    return {
      told: this.first,
      frames: 0,
      cursor: "",
      picked: "",
      ownTitle: "Click cancels; Shift and click picks it up to be moved",
    };
  },
  mounted() {
    this.$nextTick(() => this.middle());
  },
  methods: {
    rowId(price) {
      return `row-${price.replace(".", "-")}`;
    },
    show(told) {
      const wasEmpty = !this.told.rows.length;
      const isMoved = told.rows.length && (wasEmpty || told.rows[0].price !== this.told.rows[0].price);
      this.told = told;
      this.frames += 1;
      if (isMoved) this.$nextTick(() => this.middle());
    },
    middle() {
      const box = this.$refs.box;
      if (box) box.scrollTop = (box.scrollHeight - box.clientHeight) / 2;
    },
    focus() {
      this.$refs.box.focus();
    },
    begin() {
      if (!this.cursor && this.told.rows.length) this.cursor = this.told.rows[Math.floor(this.told.rows.length / 2)].price;
    },
    at(side, price) {
      if (!this.trades) return;
      if (this.picked) this.drop(price);
      else if (side) this.$emit("enter", side, price);
      else this.cursor = price;
    },
    own(event, order) {
      if (event.shiftKey) this.picked = order;
      else this.$emit("cancel", order);
    },
    drop(price) {
      if (this.picked) this.$emit("move", this.picked, price);
      this.picked = "";
    },
    ownAt(price) {
      const row = this.told.rows.find((each) => each.price === price);
      return row ? [...row.buys, ...row.sells] : [];
    },
    step(rows) {
      const at = this.told.rows.findIndex((each) => each.price === this.cursor);
      const next = Math.min(Math.max((at < 0 ? Math.floor(this.told.rows.length / 2) : at) + rows, 0), this.told.rows.length - 1);
      if (next < 0) return;
      this.cursor = this.told.rows[next].price;
      document.getElementById(this.rowId(this.cursor))?.scrollIntoView({ block: "nearest" });
    },
    key(event) {
      if (event.ctrlKey || event.altKey || event.metaKey || event.target !== this.$refs.box) return;
      const own = this.ownAt(this.cursor);
      const keys = {
        ArrowUp: () => this.step(-1),
        ArrowDown: () => this.step(1),
        PageUp: () => this.step(-PAGE),
        PageDown: () => this.step(PAGE),
        Home: () => this.$emit("recentre"),
        Escape: () => (this.picked = ""),
      };
      if (this.trades) {
        keys.b = () => this.$emit("enter", "buy", this.cursor);
        keys.s = () => this.$emit("enter", "sell", this.cursor);
        keys.x = () => own.forEach(([order]) => this.$emit("cancel", order));
        keys.Delete = keys.x;
        keys.m = () => (this.picked ? this.drop(this.cursor) : own.length && (this.picked = own[0][0]));
      }
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      if (this.cursor || !"bsxm".includes(event.key)) act();
    },
  },
};
