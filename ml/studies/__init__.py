'''Comparisons that anybody can repeat with one command each: `python -m ml study NAME`.

A study is a folder here and a row in `registry.MODULES`: `experiment`, its arms as data, and `findings`, its report as
a function of the results, about a page each. It shares the training loop, the metrics and the data code of `ml`:

    # experiment.py
    SEEDS = (1, 2, 3)

    def run(lab: Laboratory) -> None:
        """Every arm: the same pictures, the same budget, each with the learning rate that suits it."""
        data = DataConfig(FASHION_MNIST, train_pictures=lab.scale.pick(quick=200, standard=10_000, full=None))
        epochs = lab.scale.pick(quick=1, standard=8, full=30)
        for trunk in ("small_cnn", "resnet18"):
            recipe = NetworkRecipe(TrainingConfig(trunk, Preprocessing(32, 32), FLIPS_AND_SHIFTS, epochs))
            rates = [replace(recipe, training=replace(recipe.training, learning_rate=x)) for x in (1e-3, 3e-3)]
            chosen = lab.best([Arm(trunk, data, recipe) for recipe in rates])      # on validation, seed 0
            lab.run([chosen], SEEDS)                                               # reads the test side, once each
        lab.results.facts["left out"] = ["…"]                                      # whatever else the report needs

    # findings.py
    def report(results: Results) -> list[str]:
        arms = results.of(COMPARISON)                                              # arm -> its runs
        best, *others = sorted(arms, key=lambda name: -estimate(values(arms[name], "accuracy")).mean)
        sentences = [compared((best, arms[best]), (name, arms[name])) for name in others]
        return [" ".join(sentences), summary_table(arms), cost_table(arms), picture("confusion", "Confusions")]

    def draw(results: Results) -> Mapping[str, Figure]:
        arms = results.of(COMPARISON)
        return standard(arms, best_of(arms))

    # __init__.py
    STUDY = Study("Which network?", run, report, draw)

What lies where: `data` (pictures and sides), `recipes` (how something is learned: `NetworkRecipe`; any other frozen
dataclass with `preprocessing` and `learn` will do, a scikit-learn model for one), `runs` (one arm with one seed,
stored in OUT/runs under the hash of its configuration, so that a study resumes by skipping what is there),
`laboratory` (what a study works with), `tuning` (Optuna), `results`, `measures`, `statistics`, `plots`, `report`,
`networks` (own networks by name). A study that runs no arms fills `lab.results.facts` and saves its pictures itself.

Every sentence of a report is computed: a test swaps two arms in the results, and the sentence names the other one.
'''
