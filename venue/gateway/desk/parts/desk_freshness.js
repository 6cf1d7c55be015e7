// LIVE or STALE by the newest beat and the browser's own clock, and messages to the user.
const SILENT_MS = 1500;
const MESSAGE_MS = 9000;
const MOST_MESSAGES = 4;

export default {
  template: `
    <div class="desk-freshness">
      <span class="desk-state" role="status" :data-state="why ? 'stale' : 'live'" :data-beats="beats" id="state">{{ why ? 'STALE' : 'LIVE' }}</span>
      <span class="desk-why" id="state-why">{{ why || line }}</span>
      <div class="desk-messages" role="log" aria-live="polite" aria-label="Messages" id="messages">
        <div v-for="each in messages" :key="each.number" class="desk-message" :data-kind="each.kind">
          {{ each.text }}
        </div>
      </div>
    </div>`,
  emits: ["answer"],
  data() {
    return { why: "", line: "", messages: [], next: 1, beats: 0, heard: performance.now(), current: true };
  },
  mounted() {
    this.clock = setInterval(() => this.look(), 200);
  },
  unmounted() {
    clearInterval(this.clock);
  },
  methods: {
    beat(current, line) {
      this.heard = performance.now();
      this.beats += 1;
      this.current = current;
      this.line = line ? `Orders do not go: ${line}` : "";
      this.look();
      this.$emit("answer");
    },
    look() {
      if (performance.now() - this.heard > SILENT_MS) this.why = "the gateway does not answer";
      else this.why = this.current ? "" : "market data does not follow the venue";
      document.body.classList.toggle("desk-stale", this.why !== "");
    },
    say(text, kind) {
      const number = this.next++;
      this.messages = [{ number, text, kind }, ...this.messages].slice(0, MOST_MESSAGES);
      setTimeout(() => {
        this.messages = this.messages.filter((each) => each.number !== number);
      }, MESSAGE_MS);
    },
  },
};
