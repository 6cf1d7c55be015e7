// A question with two answers, in a native dialog: Enter is yes, Escape is no.
export default {
  template: `
    <dialog class="desk-question" ref="box" @cancel.prevent="answer(false)" @keydown.esc.prevent="answer(false)" aria-labelledby="question-text">
      <p id="question-text">{{ text }}</p>
      <div class="desk-buttons">
        <button type="button" class="desk-button desk-first" id="question-yes" ref="yes" @click="answer(true)">Yes</button>
        <button type="button" class="desk-button" id="question-no" @click="answer(false)">No</button>
      </div>
    </dialog>`,
  emits: ["answer"],
  data() {
    return { text: "", number: 0, before: null };
  },
  methods: {
    ask(number, text) {
      this.number = number;
      this.text = text;
      this.before = document.activeElement;
      if (!this.$refs.box.open) this.$refs.box.showModal();
      this.$nextTick(() => this.$refs.yes.focus());
    },
    answer(yes) {
      this.$refs.box.close();
      this.before?.focus?.();
      this.$emit("answer", this.number, yes);
    },
  },
};
