"""Chinese, simplified. No spaces: marks show where one word ends and the next begins."""

from xlsearch.pocket.languages._language import Language, words

CHINESE = Language(
    code="zh",
    name="中文",
    mbart_code="zh_CN",
    lexicon={
        "role": words("部长, 省长, 总统, 主任, 医生, 教授, 法官, 作家, 演员, 工程师, 将军, 农民"),
        "name": words(
            "史密斯, 加西亚, 彼得罗夫, 马丁, 韦伯, 罗西, 席尔瓦, 诺瓦克, 田中, 哈桑, 科恩, 拉森,"
            "莫罗, 泰勒, 桑托斯, 费舍尔"
        ),
        "verb": words(
            "开设|了, 关闭|了, 访问|了, 购买|了, 出售|了, 检查|了, 批评|了, 赞扬|了, 重建|了,"
            "保卫|了, 资助|了, 介绍|了, 清洁|了, 粉刷|了"
        ),
        "object": words(
            "医院, 学校, 大桥, 博物馆, 工厂, 机场, 图书馆, 车站, 港口, 体育场, 市场, 剧院, 酒店,"
            "大学, 实验室, 公园, 教堂, 城堡"
        ),
        "city": words(
            "伦敦, 巴黎, 马德里, 柏林, 莫斯科, 北京, 首尔, 东京, 突尼斯, 罗马, 维也纳, 雅典,"
            "里斯本, 华沙, 都柏林, 日内瓦"
        ),
        "day": words("周一, 周二, 周三, 周四, 周五, 周六, 周日"),
        "reason": words("洪水, 火灾, 风暴, 罢工, 冲突, 选举, 地震, 事故, 抗议, 危机, 丑闻, 节日"),
    },
    agent="{role}{name}",
    space="",
    templates={
        "news": ("{agent}{day}在{city}{verb}{object}。", "{agent}于{day}在{city}{verb}{object}。"),
        "cause": ("报纸|说，这个|决定|是|因为|这次{reason}而|作出|的。",),
        "past": ("去年，{agent}因为{reason}，{verb}{object}。",),
        "rumour": ("根据|不实|传言，{agent}{verb}{object}。",),
        "recap": (
            "正如|我们|所|写，{agent}因为|这次{reason}，{verb}{object}。",
            "{agent}因为|这次{reason}，{verb}{object}，正如|我们|所|写。",
        ),
        "known": ("许多|居民|知道{object}。",),
        "press": ("{agent}在{city}与|记者|交谈。",),
        "weather": ("{day}{city}天气|很冷。", "{day}{city}天气|很热。"),
        "report": (
            "{day}，{agent}因为{city}的{reason}{verb}{object}。",
            "{agent}{day}因为{city}的{reason}{verb}{object}。",
        ),
        "ask_what": ("{agent}做了|什么？",),
        "ask_why": ("{agent}为什么|这样|做？",),
        "summary": ("{agent}因为|这次{reason}，{verb}{object}。",),
        "answer_what": ("因为{city}的{reason}{verb}{object}",),
        "answer_why": ("因为{city}的{reason}",),
    },
)
