"""Other people's networks, each of a family of its own, with random weights and as small as the family allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from torch import nn


@dataclass(frozen=True)
class Network:
    """A network to convert.

    Args:
        name: of the architecture, in its library.
        library: timm, pytorchcv, torchvision or transformers.
        make: builds it.
        size: of the images (3, size, size) that it takes.
    """

    name: str
    library: str
    make: Callable[[], nn.Module]
    size: int


TIMM = {
    64: """
        resnet10t resnet26d seresnet33ts ecaresnet26t skresnet18 resnest14d res2net50_14w_8s densenet121 dla46_c
        vgg11_bn mobilenetv2_035 mobilenetv3_small_050 efficientnet_lite0 tf_efficientnetv2_b0 mnasnet_small
        fbnetc_100 ghostnet_050 hardcorenas_a rexnetr_200 regnetx_002 regnety_002 hrnet_w18_small selecsls42
        cspresnet50 xception41 nf_resnet26 nfnet_l0 dm_nfnet_f0 resnetv2_50x1_bit legacy_seresnet18 tresnet_m
        ese_vovnet19b_slim repvgg_a0 mobileone_s0 lcnet_035 tinynet_e convnext_atto convnextv2_atto
        convmixer_768_32 dpn48b gernet_s botnet26t_256 halonet26t lambda_resnet26t repghostnet_050 hgnetv2_b0
        starnet_s1 inception_next_atto fasternet_t0
    """,
    224: """
        vit_tiny_patch16_224 deit_tiny_patch16_224 cait_xxs24_224 levit_128s mixer_s32_224 gmlp_ti16_224
        resmlp_12_224 pit_ti_224 poolformer_s12 xcit_nano_12_p16_224 swin_tiny_patch4_window7_224 coat_lite_tiny
        visformer_tiny edgenext_xx_small efficientformer_l1 mobilevit_xxs pvt_v2_b0 twins_pcpvt_small
        repvit_m0_9 fastvit_t8 tiny_vit_5m_224 efficientvit_b0 mambaout_femto beitv2_base_patch16_224
    """,
}
PYTORCHCV = {
    32: """
        resnet20_cifar10 preresnet20_cifar10 resnext20_1x64d_cifar10 seresnet20_cifar10
        pyramidnet110_a48_cifar10 densenet40_k12_cifar10 wrn16_10_cifar10 ror3_56_cifar10 rir_cifar10
        shakeshakeresnet20_2x16d_cifar10 diaresnet20_cifar10 nin_cifar10 xdensenet40_2_k24_bc_cifar10
    """,
    224: """
        alexnet squeezenet_v1_0 shufflenet_g1_wd4 shufflenetv2_wd2 menet108_8x1_g3 mobilenet_wd4 fdmobilenet_wd4
        igcv3_wd4 mixnet_s bagnet9 ibn_resnet50 airnet50_1x64d_r2 bam_resnet18 cbam_resnet18 hardnet39ds
        vovnet27s
    """,
}
TORCHVISION = {
    64: """
        resnet18 shufflenet_v2_x0_5 googlenet mnasnet0_5 convnext_tiny regnet_y_400mf
    """,
    224: """
        swin_v2_t vit_b_32
    """,
}
TRANSFORMERS: dict[str, dict[str, Any]] = {
    "ResNet": {"embedding_size": 16, "hidden_sizes": [16, 32], "depths": [1, 1]},
    "ConvNextV2": {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2},
    "ViT": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64},
    "BeitModel": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64},
    "Dinov2": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4},
    "Swin": {"embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2]},
    "PoolFormer": {"hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1]},
    "RegNet": {"embedding_size": 16, "hidden_sizes": [16, 32], "depths": [1, 1], "groups_width": 8},
    "MobileNetV2": {"depth_multiplier": 0.35},
    "Segformer": {"hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 1, 1, 1]},
    "Bit": {"embedding_size": 32, "hidden_sizes": [32, 64], "depths": [1, 1], "num_groups": 8},
    "FocalNet": {"embed_dim": 16, "depths": [1, 1], "focal_levels": [1, 1], "focal_windows": [3, 3]},
}


@cache
def networks() -> list[Network]:
    """All of them, in the order of libraries and names."""
    return [*_timm(), *_pytorchcv(), *_torchvision(), *_transformers()]


def _timm() -> list[Network]:
    import timm

    return [
        Network(name, "timm", lambda name=name: timm.create_model(name, num_classes=10), size)
        for size, names in TIMM.items()
        for name in names.split()
    ]


def _pytorchcv() -> list[Network]:
    from pytorchcv.model_provider import get_model

    return [
        Network(name, "pytorchcv", lambda name=name: get_model(name), size)
        for size, names in PYTORCHCV.items()
        for name in names.split()
    ]


def _torchvision() -> list[Network]:
    import torchvision

    return [
        Network(name, "torchvision", lambda name=name: torchvision.models.get_model(name, num_classes=10), size)
        for size, names in TORCHVISION.items()
        for name in names.split()
    ]


def _transformers() -> list[Network]:
    import transformers

    def make(family: str, settings: dict[str, Any]) -> nn.Module:
        settings = {"image_size": 64, "num_labels": 10, **settings}
        config = getattr(transformers, f"{family}Config")(**settings)
        return Scores(getattr(transformers, f"{family}ForImageClassification")(config))

    families = {family.removesuffix("Model"): settings for family, settings in TRANSFORMERS.items()}
    return [
        Network(family, "transformers", lambda family=family, given=given: make(family, given), 64)
        for family, given in families.items()
    ]


class Scores(nn.Module):
    """A network whose result is a record, as one that gives its scores."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, images: Any) -> Any:
        """(N, 3, H, W) to (N, classes)."""
        return self.inner(images).logits
